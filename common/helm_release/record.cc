// SPDX-License-Identifier: Apache-2.0
#include "common/helm_release/record.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "common/api/meta/decode.h"
#include "common/archive/gzip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"

namespace sluice::helm_release {
namespace {

using api::Text;
using api::TextList;

constexpr size_t kLargest = size_t{64} << 20;
constexpr char kGzipMagic[] = "\x1f\x8b\x08";
constexpr int kGzipLevel = 9;

constexpr std::pair<absl::string_view, Status> kStatuses[] = {
    {"unknown", Status::kUnknown},
    {"deployed", Status::kDeployed},
    {"uninstalled", Status::kUninstalled},
    {"superseded", Status::kSuperseded},
    {"failed", Status::kFailed},
    {"uninstalling", Status::kUninstalling},
    {"pending-install", Status::kPendingInstall},
    {"pending-upgrade", Status::kPendingUpgrade},
    {"pending-rollback", Status::kPendingRollback},
};

constexpr helm::HookEvent kLastEvent = helm::HookEvent::kTest;

void SetText(absl::string_view key, absl::string_view text, Value& object) {
  if (!text.empty()) object.Set(key, text);
}

void SetTexts(absl::string_view key, const std::vector<std::string>& texts, Value& object) {
  if (texts.empty()) return;
  Value list = Value::EmptyArray();
  for (const std::string& text : texts) list.Append(text);
  object.Set(key, std::move(list));
}

Value DependencyJson(const helm::Dependency& dependency) {
  Value json = {{"name", dependency.name}, {"repository", dependency.repository}};
  SetText("version", dependency.version, json);
  SetText("condition", dependency.condition, json);
  SetTexts("tags", dependency.tags, json);
  if (dependency.enabled) json.Set("enabled", true);
  if (!dependency.import_values.empty()) {
    json.Set("import-values", Value(Value::Array(dependency.import_values)));
  }
  SetText("alias", dependency.alias, json);
  return json;
}

Value MetadataJson(const helm::Metadata& metadata) {
  Value json = Value::EmptyObject();
  SetText("name", metadata.name, json);
  SetText("home", metadata.home, json);
  SetTexts("sources", metadata.sources, json);
  SetText("version", metadata.version, json);
  SetText("description", metadata.description, json);
  SetTexts("keywords", metadata.keywords, json);
  for (const helm::Maintainer& maintainer : metadata.maintainers) {
    if (!json.Has("maintainers")) json.Set("maintainers", Value::EmptyArray());
    Value& entry = json.FindMutable("maintainers")->Append(Value::EmptyObject());
    SetText("name", maintainer.name, entry);
    SetText("email", maintainer.email, entry);
    SetText("url", maintainer.url, entry);
  }
  SetText("icon", metadata.icon, json);
  SetText("apiVersion", metadata.api_version, json);
  SetText("condition", metadata.condition, json);
  SetText("tags", metadata.tags, json);
  SetText("appVersion", metadata.app_version, json);
  if (metadata.deprecated) json.Set("deprecated", true);
  for (const auto& [key, text] : metadata.annotations) json.Ensure("annotations").Set(key, text);
  SetText("kubeVersion", metadata.kube_version, json);
  for (const helm::Dependency& dependency : metadata.dependencies) {
    if (!json.Has("dependencies")) json.Set("dependencies", Value::EmptyArray());
    json.FindMutable("dependencies")->Append(DependencyJson(dependency));
  }
  SetText("type", metadata.type, json);
  return json;
}

Value FilesJson(const std::vector<helm::ChartFile>& files) {
  Value list = Value::EmptyArray();
  for (const helm::ChartFile& file : files) {
    list.Append({{"name", file.name}, {"data", absl::Base64Escape(file.data)}});
  }
  return list;
}

Value HookJson(const HookRecord& record) {
  const helm::Hook& hook = record.hook;
  Value json = Value::EmptyObject();
  SetText("name", hook.name, json);
  SetText("kind", hook.kind, json);
  SetText("path", hook.path, json);
  SetText("manifest", hook.manifest, json);
  Value events = Value::EmptyArray();
  for (const helm::HookEvent event : hook.events) events.Append(helm::ToText(event));
  if (!events.empty()) json.Set("events", std::move(events));
  Value run = {{"phase", record.last_run.phase}};
  SetText("started_at", record.last_run.started_at, run);
  SetText("completed_at", record.last_run.completed_at, run);
  json.Set("last_run", std::move(run));
  if (hook.weight != 0) json.Set("weight", hook.weight);
  SetTexts("delete_policies", hook.delete_policies, json);
  SetTexts("output_log_policies", hook.output_log_policies, json);
  return json;
}

HookRecord DecodeHook(const Value& json) {
  HookRecord record;
  helm::Hook& hook = record.hook;
  hook.name = Text(json["name"]);
  hook.kind = Text(json["kind"]);
  hook.path = Text(json["path"]);
  hook.manifest = Text(json["manifest"]);
  for (const Value& name : json["events"].items()) {
    for (int event = 0; event <= static_cast<int>(kLastEvent); ++event) {
      const auto candidate = static_cast<helm::HookEvent>(event);
      if (helm::ToText(candidate) == name.str()) hook.events.push_back(candidate);
    }
  }
  hook.weight = json["weight"].int_or(0);
  hook.delete_policies = TextList(json["delete_policies"]);
  hook.output_log_policies = TextList(json["output_log_policies"]);
  record.last_run = {Text(json["last_run"]["started_at"]), Text(json["last_run"]["completed_at"]),
                     Text(json["last_run"]["phase"])};
  return record;
}

Value InfoJson(const Info& info) {
  Value json = Value::EmptyObject();
  SetText("first_deployed", info.first_deployed, json);
  SetText("last_deployed", info.last_deployed, json);
  SetText("deleted", info.deleted, json);
  SetText("description", info.description, json);
  if (info.status != Status::kUnknown) json.Set("status", ToText(info.status));
  SetText("notes", info.notes, json);
  return json;
}

}  // namespace

absl::string_view ToText(Status status) {
  for (const auto& [text, known] : kStatuses) {
    if (known == status) return text;
  }
  return "unknown";
}

Status ParseStatus(absl::string_view text) {
  for (const auto& [known, status] : kStatuses) {
    if (known == text) return status;
  }
  return Status::kUnknown;
}

bool IsPending(Status status) {
  return status == Status::kPendingInstall || status == Status::kPendingUpgrade ||
         status == Status::kPendingRollback;
}

std::string Record::chart_name() const { return Text(chart["metadata"]["name"]); }
std::string Record::chart_version() const { return Text(chart["metadata"]["version"]); }
std::string Record::app_version() const { return Text(chart["metadata"]["appVersion"]); }

Value ChartJson(const helm::Chart& chart, const helm::Metadata& metadata, const Value& values) {
  return {{"metadata", MetadataJson(metadata)},
          {"lock", chart.lock.value_or(Value())},
          {"templates", FilesJson(chart.templates)},
          {"values", values},
          {"schema", chart.schema.has_value() ? Value(absl::Base64Escape(*chart.schema)) : Value()},
          {"schemamodtime", "0001-01-01T00:00:00Z"},
          {"files", FilesJson(chart.files)}};
}

std::string Encode(const Record& record) {
  Value json = {{"info", InfoJson(record.info)}, {"chart", record.chart}};
  SetText("name", record.name, json);
  if (!record.config.empty()) json.Set("config", record.config);
  SetText("manifest", record.manifest, json);
  if (!record.hooks.empty()) {
    Value hooks = Value::EmptyArray();
    for (const HookRecord& hook : record.hooks) hooks.Append(HookJson(hook));
    json.Set("hooks", std::move(hooks));
  }
  if (record.version != 0) json.Set("version", record.version);
  SetText("namespace", record.ns, json);
  SetText("apply_method", record.apply_method, json);
  return absl::Base64Escape(archive::Gzip(value::FormatJson(json), {.level = kGzipLevel}));
}

absl::StatusOr<Record> Decode(absl::string_view payload) {
  std::string bytes;
  if (!absl::Base64Unescape(payload, &bytes)) {
    return absl::InvalidArgumentError("the release is not in base64");
  }
  if (absl::StartsWith(bytes, kGzipMagic)) {
    ASSIGN_OR_RETURN(bytes, archive::Gunzip(bytes, kLargest));
  }
  absl::StatusOr<Value> parsed = value::ParseJson(bytes);
  if (!parsed.ok()) return Annotate(parsed.status(), "the release is not JSON");
  const Value& json = *parsed;
  if (!json.is_object()) return absl::InvalidArgumentError("the release is no JSON object");
  Record record;
  record.name = Text(json["name"]);
  record.ns = Text(json["namespace"]);
  record.version = json["version"].int_or(0);
  const Value& info = json["info"];
  record.info = {.first_deployed = Text(info["first_deployed"]),
                 .last_deployed = Text(info["last_deployed"]),
                 .deleted = Text(info["deleted"]),
                 .description = Text(info["description"]),
                 .status = ParseStatus(info["status"].str()),
                 .notes = Text(info["notes"])};
  record.chart = json["chart"];
  record.config = json["config"];
  record.manifest = Text(json["manifest"]);
  for (const Value& hook : json["hooks"].items()) record.hooks.push_back(DecodeHook(hook));
  record.apply_method = Text(json["apply_method"]);
  return record;
}

}  // namespace sluice::helm_release
