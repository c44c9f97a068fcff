// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/live_view.h"

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/kube/object.h"
#include "common/ssa/managed_fields.h"
#include "common/value/json.h"

namespace sluice::ssa {
namespace {

Fingerprint Hash(absl::string_view bytes) {
  const std::string digest = crypto::Digest(crypto::Algorithm::kSha256, bytes);
  Fingerprint fingerprint;
  std::memcpy(fingerprint.data(), digest.data(), sizeof(fingerprint));
  return fingerprint;
}

// Appends `value` so that equal content gives equal text; false, with nothing appended, if it is
// null or holds nothing.
bool AppendContent(const Value& value, std::string& out) {
  const size_t start = out.size();
  bool any = false;
  if (value.is_object()) {
    out += '{';
    for (const value::Member& member : value.members()) {
      const size_t before = out.size();
      absl::StrAppend(&out, member.key.size(), ":", member.key, ":");
      if (AppendContent(member.value, out)) {
        any = true;
      } else {
        out.resize(before);
      }
    }
    out += '}';
  } else if (value.is_array()) {
    any = !value.empty();
    out += '[';
    for (const Value& item : value.items()) {
      AppendContent(item, out);
      out += ',';
    }
    out += ']';
  } else if (!value.is_null()) {
    any = true;
    out += value::FormatJson(value);
  }
  if (!any) out.resize(start);
  return any;
}

bool DecidesOnApply(const Value& entries, absl::string_view group) {
  for (const char* key : {"reconcile", "ssa", "force"}) {
    if (entries.Has(absl::StrCat(group, "/", key))) return true;
  }
  return false;
}

bool DecidesOnApply(const Value& object, const ApplyIdentity& identity) {
  const Value& metadata = object["metadata"];
  return DecidesOnApply(metadata["labels"], identity.policy_group) ||
         DecidesOnApply(metadata["annotations"], identity.policy_group);
}

bool WantsCleanUp(const Value& object, const ApplyIdentity& identity) {
  return !CleanupPatch(object, identity.field_manager, identity.override_managers).is_null();
}

}  // namespace

bool IsSpecial(const Value& object, const ApplyIdentity& identity) {
  return DecidesOnApply(object, identity) || WantsCleanUp(object, identity);
}

Fingerprint FingerprintOf(const Value& desired) { return Hash(value::FormatJson(desired)); }

LiveFacts LiveFacts::Of(const Value& live, const ApplyIdentity& identity, absl::Time now) {
  const Value& metadata = live["metadata"];
  const bool wants_clean_up = WantsCleanUp(live, identity);
  std::string content = wants_clean_up ? "clean up;" : ";";
  for (const char* field : {"labels", "annotations"}) {
    AppendContent(metadata[field], content);
    content += ';';
  }
  for (const value::Member& member : live.members()) {
    if (member.key == "metadata" || member.key == "status") continue;
    absl::StrAppend(&content, member.key, ":");
    AppendContent(member.value, content);
    content += ';';
  }
  LiveFacts facts;
  facts.content = Hash(content);
  facts.resource_version = kube::VersionNumber(kube::ResourceVersion(live));
  facts.readiness = ReadinessOf(live, now);
  facts.special = wants_clean_up || DecidesOnApply(live, identity);
  return facts;
}

}  // namespace sluice::ssa
