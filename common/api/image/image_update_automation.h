// ImageUpdateAutomation (image.toolkit.fluxcd.io/v1): spec/image.md §7.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/api/image/image_policy.h"
#include "common/api/meta/condition.h"
#include "common/api/source/git_repository.h"
#include "common/kube/object_key.h"
#include "common/value/value.h"

namespace sluice::api {

// What a bare automation gets: one with neither spec.git nor spec.interval, which Flux's schema
// does not admit but manifests in the wild are.
inline constexpr absl::Duration kDefaultAutomationInterval = absl::Minutes(1);
inline constexpr char kDefaultAuthorName[] = "sluice";
inline constexpr char kDefaultAuthorEmail[] = "sluice@localhost";

struct ImageUpdateAutomationSpec {
  std::string source_kind;
  kube::ObjectKey source;
  absl::Duration interval = kDefaultAutomationInterval;
  bool suspend = false;

  bool is_bare = false;                      // see above
  bool has_git = false;                      // spec.git is there
  std::optional<GitReference> checkout_ref;  // git.checkout.ref
  std::string author_name;
  std::string author_email;
  bool sign = false;         // git.commit.signingKey is there
  std::string signing_type;  // "gpg", "ssh"; "" is gpg
  std::string signing_secret_name;
  std::string message_template;
  std::map<std::string, std::string> message_values;
  std::string push_branch;
  std::string push_refspec;
  std::map<std::string, std::string> push_options;

  Value policy_selector;        // a label selector; null: all
  std::string update_strategy;  // "" if there is no update at all
  std::string update_path;
};

struct ImageUpdateAutomationStatus {
  int64_t observed_generation = -1;
  Conditions conditions;
  std::optional<absl::Time> last_automation_run_time;
  std::string last_push_commit;
  std::optional<absl::Time> last_push_time;
  std::map<std::string, ImageRef> observed_policies;
  std::string observed_source_revision;
  std::string last_handled_reconcile_at;

  static ImageUpdateAutomationStatus Decode(const Value& status);
  Value Encode() const;
};

// `ns` is the automation's namespace. Fills in the defaults above.
// kInvalidArgument names the field at fault.
absl::StatusOr<ImageUpdateAutomationSpec> DecodeImageUpdateAutomationSpec(absl::string_view ns,
                                                                          const Value& spec);

// The GitRepository that an automation refers to, without reading the rest.
kube::ObjectKey GitRepositoryOf(const Value& automation);

}  // namespace sluice::api
