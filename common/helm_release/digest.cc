// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/helm_release/ordered_json.h"
#include "common/helm_release/record.h"

namespace sluice::helm_release {
namespace {

// The members of Go's struct that are written as they are stored, in its order.
std::string Members(const Value& value, std::initializer_list<absl::string_view> keys,
                    std::initializer_list<absl::string_view> always = {}) {
  OrderedJson json;
  for (const absl::string_view key : keys) {
    const bool forced = std::find(always.begin(), always.end(), key) != always.end();
    if (forced) {
      json.Add(key, value[key].is_null() ? Value("") : value[key]);
    } else {
      json.AddUnlessEmpty(key, value[key]);
    }
  }
  return json.ToString();
}

std::string MembersOfAll(const Value& list, std::initializer_list<absl::string_view> keys,
                         std::initializer_list<absl::string_view> always = {}) {
  std::vector<std::string> items;
  for (const Value& item : list.items()) items.push_back(Members(item, keys, always));
  return JsonList(items);
}

std::string MetadataJson(const Value& metadata) {
  OrderedJson json;
  for (const absl::string_view key :
       {"name", "home", "sources", "version", "description", "keywords"}) {
    json.AddUnlessEmpty(key, metadata[key]);
  }
  if (!metadata["maintainers"].empty()) {
    json.Raw("maintainers", MembersOfAll(metadata["maintainers"], {"name", "email", "url"}));
  }
  for (const absl::string_view key : {"icon", "apiVersion", "condition", "tags", "appVersion",
                                      "deprecated", "annotations", "kubeVersion"}) {
    json.AddUnlessEmpty(key, metadata[key]);
  }
  if (!metadata["dependencies"].empty()) {
    json.Raw("dependencies", MembersOfAll(metadata["dependencies"],
                                          {"name", "version", "repository", "condition", "tags",
                                           "enabled", "import-values", "alias"},
                                          {"name", "repository"}));
  }
  json.AddUnlessEmpty("type", metadata["type"]);
  return json.ToString();
}

std::string InfoJson(const Info& info) {
  OrderedJson json;
  json.AddUnlessEmpty("first_deployed", info.first_deployed);
  json.AddUnlessEmpty("last_deployed", info.last_deployed);
  json.AddUnlessEmpty("deleted", info.deleted);
  json.AddUnlessEmpty("description", info.description);
  if (info.status != Status::kUnknown) json.Add("status", ToText(info.status));
  json.AddUnlessEmpty("notes", info.notes);
  return json.ToString();
}

Value TextList(const std::vector<std::string>& texts) {
  Value list = Value::EmptyArray();
  for (const std::string& text : texts) list.Append(text);
  return list;
}

std::string HookJson(const HookRecord& record) {
  OrderedJson run;
  run.AddUnlessEmpty("started_at", record.last_run.started_at);
  run.AddUnlessEmpty("completed_at", record.last_run.completed_at);
  run.Add("phase", record.last_run.phase);
  Value events = Value::EmptyArray();
  for (const helm::HookEvent event : record.hook.events) events.Append(helm::ToText(event));
  OrderedJson json;
  json.AddUnlessEmpty("name", record.hook.name);
  json.AddUnlessEmpty("kind", record.hook.kind);
  json.AddUnlessEmpty("path", record.hook.path);
  json.AddUnlessEmpty("manifest", record.hook.manifest);
  json.AddUnlessEmpty("events", events);
  json.Raw("last_run", run.ToString());
  json.AddUnlessEmpty("weight", record.hook.weight);
  json.AddUnlessEmpty("delete_policies", TextList(record.hook.delete_policies));
  json.AddUnlessEmpty("output_log_policies", TextList(record.hook.output_log_policies));
  return json.ToString();
}

}  // namespace

std::string JsonList(const std::vector<std::string>& items) {
  return absl::StrCat("[", absl::StrJoin(items, ","), "]");
}

absl::StatusOr<std::string> ObservationDigest(const Record& record, absl::string_view oci_digest,
                                              absl::string_view algorithm) {
  ASSIGN_OR_RETURN(const crypto::Algorithm chosen, crypto::ParseAlgorithm(algorithm));
  std::vector<std::string> hooks;
  for (const HookRecord& hook : record.hooks) {
    if (!hook.hook.runs_at(helm::HookEvent::kTest)) hooks.push_back(HookJson(hook));
  }
  OrderedJson json;
  json.Add("name", record.name);
  json.Add("version", record.version);
  json.Raw("info", InfoJson(record.info));
  json.Raw("chartMetadata", MetadataJson(record.chart["metadata"]));
  json.Add("config", record.config.empty() ? Value() : record.config);
  json.Add("manifest", record.manifest);
  json.Raw("hooks", hooks.empty() ? "null" : JsonList(hooks));
  json.Add("namespace", record.ns);
  json.AddUnlessEmpty("ociDigest", oci_digest);
  return absl::StrCat(
      algorithm, ":",
      absl::BytesToHexString(crypto::Digest(chosen, absl::StrCat(json.ToString(), "\n"))));
}

}  // namespace sluice::helm_release
