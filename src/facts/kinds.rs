//! The small closed vocabularies of facts. Each knows the word used in rules, reports and docs.

/// Defines a closed vocabulary: an ordered enum whose variants carry the word that rules and reports use.
macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize, serde::Serialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All members, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word used in rules, reports and docs.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }
    };
}

vocabulary! {
    /// What kind of principal an identity is.
    Class {
        /// Nothing tells.
        Unknown = "unknown",
        /// A person.
        Human = "human",
        /// A machine account that someone created and that lives by itself.
        Service = "service",
        /// Issued by a platform to a running workload, often federated.
        Workload = "workload",
        /// An AI agent.
        Agent = "agent",
        /// Known to be used by several people or systems at once (root, break-glass).
        Shared = "shared",
    }
}

vocabulary! {
    /// How sure a statement is, weakest first.
    Confidence {
        /// Hints only, such as the shape of a name.
        Low = "low",
        /// One good sign.
        Medium = "medium",
        /// The source says so.
        High = "high",
    }
}

vocabulary! {
    /// How a credential lives.
    Lifetime {
        /// Valid until someone revokes it.
        Static = "static",
        /// Static, but encrypted where it is kept.
        Sealed = "sealed",
        /// A static root from which short-lived tokens are made (GitHub App key, Vault AppRole).
        Brokered = "brokered",
        /// Made for one run from a platform's own identity token (OIDC, SPIFFE).
        Federated = "federated",
        /// The identity of the runner, host or pod that the workload happens to run on.
        Ambient = "ambient",
        /// A short-lived token that the platform makes for each run and withdraws afterwards.
        Session = "session",
    }
}

vocabulary! {
    /// What an offline checksum says. Missing and failed are different things.
    Checksum {
        /// The class has no checksum, or it was not checked.
        None = "none",
        /// The value cannot be genuine.
        Fail = "fail",
        /// The value has the checksum that its issuer gives.
        Pass = "pass",
    }
}

vocabulary! {
    /// How much an entitlement allows.
    Level {
        /// Nothing.
        None = "none",
        /// Looking.
        Read = "read",
        /// Changing.
        Write = "write",
        /// Everything in its realm, or a grant equivalent to it.
        Admin = "admin",
        /// Making credentials or identities, or passing on roles: more than admin, because it outlives its own removal.
        CanMint = "can-mint",
    }
}

vocabulary! {
    /// Where the evidence for an owner comes from, weakest first.
    Rung {
        /// Whoever last changed the line.
        GitHistory = "git-history",
        /// Whoever created the entity.
        Creator = "creator",
        /// The infrastructure module that defines it.
        IacModule = "iac-module",
        /// A catalogue entry (Backstage `catalog-info.yaml`).
        CatalogInfo = "catalog-info",
        /// `CODEOWNERS`.
        Codeowners = "codeowners",
        /// An owners' registry file.
        RegistryFile = "registry-file",
        /// A tag, label or field on the entity itself.
        Tag = "tag",
    }
}

vocabulary! {
    /// What starts a workload.
    TriggerKind {
        /// A clock.
        Schedule = "schedule",
        /// A push to a branch.
        Push = "push",
        /// A tag or a release.
        Release = "release",
        /// A pull or merge request, run without the target's secrets when it comes from a fork.
        PullRequest = "pull-request",
        /// A pull request from anywhere, run with the target's secrets.
        PullRequestTarget = "pull-request-target",
        /// A comment or an issue that anyone may write.
        Comment = "comment",
        /// The end of another workload.
        Chained = "chained",
        /// A call by another workflow.
        Call = "call",
        /// A person, by hand.
        Manual = "manual",
        /// It runs all the time, or whenever its host or cluster is up.
        Always = "always",
        /// Something else.
        Other = "other",
    }
}

vocabulary! {
    /// Who can make a trigger fire.
    Who {
        /// A clock or the platform.
        Platform = "platform",
        /// People with write access.
        Insider = "insider",
        /// Anyone who can open a pull request, an issue or a comment.
        Outsider = "outsider",
    }
}

vocabulary! {
    /// What a schedule's text is.
    ScheduleClass {
        /// Cron fields.
        Cron = "cron",
        /// An interval.
        Rate = "rate",
        /// A calendar expression.
        Calendar = "calendar",
        /// An event.
        Event = "event",
    }
}

vocabulary! {
    /// What a workload runs on.
    PlacementKind {
        /// The platform's own fresh machine.
        Hosted = "hosted",
        /// A runner of the organisation.
        SelfHosted = "self-hosted",
        /// A host.
        Host = "host",
        /// A cluster.
        Cluster = "cluster",
        /// An expression decides.
        Unknown = "unknown",
    }
}

vocabulary! {
    /// What a party is.
    PartyKind {
        /// One human being.
        Person = "person",
        /// A group with a name.
        Team = "team",
        /// An address that several people read.
        Mailbox = "mailbox",
        /// Nothing tells.
        Unknown = "unknown",
    }
}

vocabulary! {
    /// Whether a party is still there, by a roster.
    PartyStatus {
        /// No roster names it.
        Unknown = "unknown",
        /// Still there.
        Active = "active",
        /// Gone, or disabled.
        Left = "left",
    }
}
