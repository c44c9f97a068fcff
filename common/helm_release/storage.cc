// SPDX-License-Identifier: Apache-2.0
#include "common/helm_release/storage.h"

#include <algorithm>
#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/meta/decode.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/value/json.h"

namespace sluice::helm_release {
namespace {

constexpr char kType[] = "helm.sh/release.v1";
constexpr char kFieldManager[] = "helm-controller";
constexpr char kIntentAnnotation[] = "helm-controller.sluice.dev/intent";
constexpr std::array<absl::string_view, 6> kSystemLabels = {"name",    "owner",     "status",
                                                            "version", "createdAt", "modifiedAt"};

const kube::Resource& Secrets() {
  static const auto* const kSecrets = new kube::Resource{"", "v1", "secrets", "Secret", true};
  return *kSecrets;
}

std::string SecretName(const std::string& name, int64_t version) {
  return absl::StrCat("sh.helm.release.v1.", name, ".v", version);
}

bool IsSystemLabel(absl::string_view key) {
  return std::find(kSystemLabels.begin(), kSystemLabels.end(), key) != kSystemLabels.end();
}

std::string IntentJson(const Intent& intent, const std::string& instance) {
  return value::FormatJson({{"owner", intent.owner},
                            {"action", intent.action},
                            {"ociDigest", intent.oci_digest},
                            {"instance", instance}});
}

Intent ParseIntent(absl::string_view text) {
  const auto json = value::ParseJson(text);
  if (!json.ok()) return {};
  return {api::Text((*json)["owner"]), api::Text((*json)["action"]),
          api::Text((*json)["ociDigest"]), api::Text((*json)["instance"])};
}

absl::Status NoSuchRelease() { return absl::NotFoundError("release: not found"); }

}  // namespace

int64_t Revision::version() const {
  int64_t version = 0;
  return absl::SimpleAtoi(kube::Label(*secret_, "version"), &version) ? version : 0;
}

Status Revision::status() const { return ParseStatus(kube::Label(*secret_, "status")); }

absl::Time Revision::modified() const {
  int64_t seconds = 0;
  for (const char* label : {"modifiedAt", "createdAt"}) {
    if (absl::SimpleAtoi(kube::Label(*secret_, label), &seconds)) {
      return absl::FromUnixSeconds(seconds);
    }
  }
  return absl::InfinitePast();
}

std::string Revision::secret_name() const { return std::string(kube::Name(*secret_)); }

std::string Revision::resource_version() const {
  return std::string(kube::ResourceVersion(*secret_));
}

bool Revision::has_record() const { return secret_->Has("data"); }

absl::StatusOr<Record> Revision::Decode() const {
  std::string payload;
  if (!absl::Base64Unescape((*secret_)["data"]["release"].str(), &payload)) {
    return absl::InvalidArgumentError(
        absl::StrCat("Secret ", secret_name(), " holds no release that can be read"));
  }
  absl::StatusOr<Record> record = helm_release::Decode(payload);
  if (!record.ok()) return Annotate(record.status(), absl::StrCat("Secret ", secret_name()));
  for (const value::Member& label : (*secret_)["metadata"]["labels"].members()) {
    if (!IsSystemLabel(label.key)) record->labels[label.key] = api::Text(label.value);
  }
  record->intent = ParseIntent(kube::Annotation(*secret_, kIntentAnnotation));
  return record;
}

void Storage::Expect(const std::string& name, std::vector<Revision> indexed) {
  known_.erase(name);
  expected_[name] = std::move(indexed);
}

bool Storage::ReadExpected(const Context& ctx, const std::string& name) {
  auto expected = expected_.extract(name);
  if (expected.empty()) return false;
  std::vector<Revision>& revisions = expected.mapped();
  for (size_t i = 0; i < revisions.size(); ++i) {
    const Status status = revisions[i].status();
    const bool decides = i == 0 || status == Status::kDeployed || IsPending(status) ||
                         status == Status::kUninstalling;
    if (!decides) continue;
    auto secret = client_.Get(ctx, Secrets(), {ns_, revisions[i].secret_name()});
    if (!secret.ok() || kube::ResourceVersion(*secret) != revisions[i].resource_version()) {
      return false;
    }
    revisions[i] = Revision(*std::move(secret));
    if (!revisions[i].Decode().ok()) return false;
  }
  known_[name] = std::move(revisions);
  return true;
}

void Storage::Note(const std::string& name, int64_t version, Value secret) {
  expected_.erase(name);
  const auto known = known_.find(name);
  if (known == known_.end()) return;
  std::vector<Revision>& revisions = known->second;
  std::erase_if(revisions, [version](const Revision& r) { return r.version() == version; });
  if (secret.is_null()) return;
  const auto older = std::find_if(revisions.begin(), revisions.end(),
                                  [version](const Revision& r) { return r.version() < version; });
  revisions.insert(older, Revision(std::move(secret)));
}

absl::StatusOr<std::vector<Revision>> Storage::List(const Context& ctx, const std::string& name) {
  if (const auto known = known_.find(name); known != known_.end()) return known->second;
  if (ReadExpected(ctx, name)) return known_[name];
  auto list = client_.List(ctx, Secrets(), ns_,
                           {.label_selector = absl::StrCat("name=", name, ",owner=helm")});
  if (!list.ok()) return Annotate(list.status(), "query: failed to query with labels");
  std::vector<Revision> revisions;
  for (Value& secret : list->items) {
    if (secret["type"].str() == kType) revisions.emplace_back(std::move(secret));
  }
  std::stable_sort(revisions.begin(), revisions.end(),
                   [](const Revision& a, const Revision& b) { return a.version() > b.version(); });
  return known_[name] = std::move(revisions);
}

absl::StatusOr<Record> Storage::Get(const Context& ctx, const std::string& name, int64_t version) {
  if (const auto known = known_.find(name); known != known_.end()) {
    const auto found =
        std::find_if(known->second.begin(), known->second.end(),
                     [version](const Revision& r) { return r.version() == version; });
    if (found == known->second.end()) return NoSuchRelease();
    if (found->has_record()) return found->Decode();
  }
  auto secret = client_.Get(ctx, Secrets(), {ns_, SecretName(name, version)});
  if (absl::IsNotFound(secret.status())) return NoSuchRelease();
  RETURN_IF_ERROR(secret.status());
  return Revision(*std::move(secret)).Decode();
}

Value Storage::SecretOf(const Record& record, absl::string_view time_label) const {
  Value labels = Value::EmptyObject();
  for (const auto& [key, text] : record.labels) labels.Set(key, text);
  labels.Set("name", record.name);
  labels.Set("owner", "helm");
  labels.Set("status", ToText(record.info.status));
  labels.Set("version", absl::StrCat(record.version));
  labels.Set(time_label, absl::StrCat(absl::ToUnixSeconds(clock_.Now())));
  Value secret = {{"apiVersion", "v1"},
                  {"kind", "Secret"},
                  {"metadata",
                   {{"name", SecretName(record.name, record.version)},
                    {"namespace", ns_},
                    {"labels", std::move(labels)}}},
                  {"type", kType},
                  {"data", {{"release", absl::Base64Escape(Encode(record))}}}};
  if (!record.intent.empty()) {
    kube::SetMetadataEntry(secret, "annotations", kIntentAnnotation,
                           IntentJson(record.intent, instance_));
  }
  return secret;
}

absl::Status Storage::Create(const Context& ctx, const Record& record) {
  auto created = client_.Create(ctx, Secrets(), SecretOf(record, "createdAt"),
                                {.field_manager = kFieldManager});
  if (!created.ok()) {
    known_.erase(record.name);
    expected_.erase(record.name);
    return absl::IsAlreadyExists(created.status())
               ? absl::AlreadyExistsError("release: already exists")
               : Annotate(created.status(), "create: failed to create");
  }
  Note(record.name, record.version, *std::move(created));
  if (on_write_ != nullptr) on_write_(record);
  return absl::OkStatus();
}

absl::Status Storage::Update(const Context& ctx, const Record& record) {
  auto updated = client_.Update(ctx, Secrets(), SecretOf(record, "modifiedAt"),
                                {.field_manager = kFieldManager});
  if (!updated.ok()) {
    known_.erase(record.name);
    return Annotate(updated.status(), "update: failed to update");
  }
  Note(record.name, record.version, *std::move(updated));
  if (on_write_ != nullptr) on_write_(record);
  return absl::OkStatus();
}

absl::Status Storage::Delete(const Context& ctx, const std::string& name, int64_t version) {
  const absl::Status deleted = client_.Delete(ctx, Secrets(), {ns_, SecretName(name, version)});
  if (!deleted.ok() && !absl::IsNotFound(deleted)) return deleted;
  Note(name, version, Value());
  return absl::OkStatus();
}

absl::Status Storage::MakeRoom(const Context& ctx, const std::string& name,
                               const std::vector<Revision>& revisions, int64_t max_history) {
  if (max_history <= 0) return absl::OkStatus();
  int64_t deployed = 0;
  for (const Revision& revision : revisions) {
    if (revision.status() == Status::kDeployed) deployed = std::max(deployed, revision.version());
  }
  int64_t left = static_cast<int64_t>(revisions.size());
  for (auto oldest = revisions.rbegin(); oldest != revisions.rend() && left >= max_history;
       ++oldest) {
    if (oldest->version() == deployed) continue;
    RETURN_IF_ERROR(Delete(ctx, name, oldest->version()));
    --left;
  }
  return absl::OkStatus();
}

std::string VersionsOf(const std::vector<Revision>& revisions) {
  std::map<std::string, std::string> versions;
  for (const Revision& revision : revisions) {
    versions.emplace(revision.secret_name(), revision.resource_version());
  }
  return absl::StrJoin(versions, " ", absl::PairFormatter("="));
}

absl::StatusOr<Record> LastOf(const std::vector<Revision>& revisions) {
  absl::Status error = NoSuchRelease();
  for (const Revision& revision : revisions) {
    absl::StatusOr<Record> record = revision.Decode();
    if (record.ok()) return record;
  }
  return error;
}

absl::StatusOr<Record> DeployedOf(const std::vector<Revision>& revisions) {
  for (const Revision& revision : revisions) {
    if (revision.status() != Status::kDeployed) continue;
    absl::StatusOr<Record> record = revision.Decode();
    if (record.ok()) return record;
  }
  return NoSuchRelease();
}

}  // namespace sluice::helm_release
