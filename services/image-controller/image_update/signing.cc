// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_update/signing.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/credentials/secret.h"
#include "common/pgp/signing_key.h"
#include "common/signature/ssh_private_key.h"

namespace sluice::image_controller {
namespace {

using credentials::SecretData;
using credentials::ValueOf;

constexpr char kPgpKey[] = "git.asc";
constexpr char kPgpPassphrase[] = "passphrase";
constexpr char kSshKey[] = "identity";
constexpr char kSshPassphrase[] = "password";
constexpr char kNamespace[] = "git";

}  // namespace

absl::StatusOr<SignCommit> ReadSigningKey(const Context& ctx, const Collaborators& with,
                                          const std::string& ns,
                                          const api::ImageUpdateAutomationSpec& spec) {
  const kube::ObjectKey secret = {ns, spec.signing_secret_name};
  const auto data =
      credentials::ReadSecret(ctx, with.client, secret, "failed to get signing key secret");
  if (!data.ok()) return data.status();
  const bool is_ssh = spec.signing_type == "ssh";
  const char* const key_name = is_ssh ? kSshKey : kPgpKey;
  const char* const passphrase_name = is_ssh ? kSshPassphrase : kPgpPassphrase;
  const std::string shown = absl::StrCat("signing key secret '", secret.ToString(), "'");
  if (!data->contains(key_name)) {
    return absl::InvalidArgumentError(
        absl::StrCat(shown, " does not contain a '", key_name, "' key"));
  }
  const Secret text(ValueOf(*data, key_name));
  const Secret passphrase(ValueOf(*data, passphrase_name));
  const auto refuse = [&](const absl::Status& error) {
    if (absl::IsPermissionDenied(error) && passphrase.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          shown, ": can't use the encrypted key without a '", passphrase_name, "' key"));
    }
    return absl::InvalidArgumentError(absl::StrCat(shown, ": ", error.message()));
  };
  if (is_ssh) {
    auto key = signature::SshPrivateKey::Parse(text, passphrase);
    if (!key.ok()) return refuse(key.status());
    return SignCommit([key = *std::move(key)](absl::string_view payload) {
      return key.SignArmoured(payload, kNamespace);
    });
  }
  auto key = pgp::SigningKey::Parse(text, passphrase);
  if (!key.ok()) return refuse(key.status());
  return SignCommit([key = *std::move(key), &clock = with.clock](absl::string_view payload) {
    return key.Sign(payload, clock.Now());
  });
}

}  // namespace sluice::image_controller
