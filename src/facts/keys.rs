//! How realms and names are written, so that a reference in one format meets the definition in another.
//!
//! A format never makes up a realm of its own where one of these fits.

use super::{Key, Kind};

/// An AWS principal: account id (or the module it is defined in, when the account is not known) and `user/NAME`,
/// `role/NAME`, `root`.
#[must_use]
pub fn aws_principal(account: &str, name: &str) -> Key {
    Key::new(Kind::Identity, format!("aws:{account}"), name)
}

/// The principal of an IAM or STS ARN, its path left out as in `role/NAME`: paths are not part of a name's uniqueness.
/// None for ARNs that name no principal. A wildcard account (`*`) stays as it is.
///
/// Form of ARNs: docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
#[must_use]
pub fn aws_arn(arn: &str) -> Option<Key> {
    let mut parts = arn.splitn(6, ':');
    let (prefix, _partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (_region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    if prefix != "arn" || account.is_empty() {
        return None;
    }
    match (service, resource.split_once('/')) {
        ("iam", None) if resource == "root" => Some(aws_principal(account, "root")),
        ("iam", Some((sort @ ("user" | "role" | "group"), path))) => {
            Some(aws_principal(account, &format!("{sort}/{}", path.rsplit('/').next()?)))
        }
        ("sts", Some(("assumed-role", rest))) => {
            Some(aws_principal(account, &format!("role/{}", rest.split('/').next()?)))
        }
        _ => None,
    }
}

/// An AWS access key, by its public id: the id is unique over all accounts.
#[must_use]
pub fn aws_access_key(id: &str) -> Key {
    Key::new(Kind::Credential, "aws-access-key", id)
}

/// A secret of GitHub Actions (also Gitea and Forgejo). Names are case-insensitive; the environment that may shadow it is
/// no part of the key, see the `environment` of a use.
#[must_use]
pub fn github_secret(repository: &str, name: &str) -> Key {
    Key::new(Kind::Credential, format!("github-actions:{repository}"), name.to_ascii_uppercase())
}

/// A Google service account, by e-mail address.
#[must_use]
pub fn google_service_account(email: &str) -> Key {
    let project = email.split_once('@').and_then(|(_, host)| host.strip_suffix(".iam.gserviceaccount.com"));
    Key::new(Kind::Identity, format!("gcp:{}", project.unwrap_or("project")), email.to_ascii_lowercase())
}

/// An application or managed identity of Entra ID, by client id.
#[must_use]
pub fn entra_client(client_id: &str) -> Key {
    Key::new(Kind::Identity, "entra", client_id.to_ascii_lowercase())
}

/// A Kubernetes service account. `cluster` is the cluster where a file names it, else the repository of the manifest.
#[must_use]
pub fn k8s_service_account(cluster: &str, namespace: &str, name: &str) -> Key {
    Key::new(Kind::Identity, format!("k8s:{cluster}/{namespace}"), name)
}

/// A Kubernetes secret, likewise.
#[must_use]
pub fn k8s_secret(cluster: &str, namespace: &str, name: &str) -> Key {
    Key::new(Kind::Credential, format!("k8s-secret:{cluster}/{namespace}"), name)
}

/// A subject of an OIDC issuer, as trust policies write it; `issuer` without scheme.
#[must_use]
pub fn oidc_subject(issuer: &str, subject: &str) -> Key {
    let issuer = issuer.trim_start_matches("https://").trim_end_matches('/');
    Key::new(Kind::Identity, format!("oidc:{issuer}"), subject)
}

/// An account of an operating system on the hosts that a repository configures.
#[must_use]
pub fn os_user(hosts: &str, name: &str) -> Key {
    Key::new(Kind::Identity, format!("os:{hosts}"), name)
}

/// An account of a container registry or package registry, by host (`docker.io`, `pypi.org`).
#[must_use]
pub fn registry_account(host: &str, name: &str) -> Key {
    Key::new(Kind::Identity, format!("registry:{host}"), name.to_ascii_lowercase())
}

/// An account of a code host.
#[must_use]
pub fn code_host_account(host: &str, name: &str) -> Key {
    Key::new(Kind::Identity, format!("account:{host}"), name.to_ascii_lowercase())
}

/// A file that holds a credential, on the hosts or in the repository that a source is about.
#[must_use]
pub fn credential_file(hosts: &str, path: &str) -> Key {
    Key::new(Kind::Credential, format!("file:{hosts}"), path)
}

/// A person, by e-mail address or `@handle`.
#[must_use]
pub fn person(name: &str) -> Key {
    Key::new(Kind::Party, "people", name.to_ascii_lowercase())
}

/// A team, by its name with the organisation (`@acme/platform`).
#[must_use]
pub fn team(name: &str) -> Key {
    Key::new(Kind::Party, "teams", name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_meet_whatever_their_path_or_session() {
        let role = aws_arn("arn:aws:iam::123456789012:role/service/deploy");
        assert_eq!(role, aws_arn("arn:aws:sts::123456789012:assumed-role/deploy/run-7"));
        assert_eq!(role, Some(aws_principal("123456789012", "role/deploy")));
        assert_eq!(aws_arn("arn:aws:s3:::bucket/key"), None);
        assert_eq!(aws_arn("not an arn"), None);
    }
}
