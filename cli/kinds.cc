// SPDX-License-Identifier: Apache-2.0
#include "cli/kinds.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/connection.h"
#include "common/api/kinds.h"
#include "common/api/source/artifact_generator.h"
#include "common/base/duration.h"
#include "common/base/human_duration.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::cli {
namespace {

constexpr size_t kShortHex = 8;
constexpr size_t kLongHex = 16;

std::string SourceText(const Value& object) {
  const Value& spec = object["spec"];
  const Value* reference = &spec["sourceRef"];
  if (spec.Has("chartRef")) reference = &spec["chartRef"];
  if (reference->is_null()) reference = &spec["chart"]["spec"]["sourceRef"];
  if (reference->is_null()) return "";
  return absl::StrCat((*reference)["kind"].str(), "/",
                      (*reference)["namespace"].string_or(kube::Namespace(object)), "/",
                      (*reference)["name"].str());
}

absl::Status WordsError(absl::string_view verb, absl::string_view message) {
  return UsageError(absl::StrCat(message, "; see `sluice ", verb, " --help`"));
}

std::string GroupOf(absl::string_view word) {
  for (const absl::string_view group : {"source", "image", "artifact"}) {
    if (word == group || word == absl::StrCat(group, "s")) return std::string(group);
  }
  return "";
}

// Whether `word` names `view` within its group.
bool Names(const KindView& view, absl::string_view word) {
  return std::find(view.names.begin(), view.names.end(), word) != view.names.end();
}

struct Parsed {
  std::vector<const KindView*> views;
  std::vector<std::string> names;
  bool all = false;
};

absl::StatusOr<Parsed> Parse(absl::string_view verb, std::span<const std::string> joined) {
  std::vector<std::string> words;
  for (const std::string& word : joined) {
    for (const absl::string_view part : absl::StrSplit(word, '/')) words.emplace_back(part);
  }
  if (words.empty()) return WordsError(verb, "which kind?");
  const std::string first = absl::AsciiStrToLower(words[0]);
  const std::string group = GroupOf(first);

  Parsed result;
  size_t used = 1;
  if (first == "all" || (!group.empty() && (words.size() == 1 || words[1] == "all"))) {
    used = first == "all" || words.size() == 1 ? 1 : 2;
    result.all = true;
    for (const KindView& view : AllViews()) {
      if (first == "all" || view.group == group) result.views.push_back(&view);
    }
    if (words.size() > used) {
      return WordsError(verb, absl::StrCat("\"", words[used], "\" is no kind"));
    }
    return result;
  }
  used = group.empty() ? 1 : 2;
  const std::string name = absl::AsciiStrToLower(words[used - 1]);
  for (const KindView& view : AllViews()) {
    const kube::Resource& resource = view.Resource();
    if ((view.group == group && Names(view, name)) || name == resource.plural ||
        name == absl::AsciiStrToLower(resource.kind)) {
      result.views.push_back(&view);
    }
  }
  if (result.views.empty()) {
    return WordsError(verb, absl::StrCat("\"", words[used - 1], "\" is no kind"));
  }
  result.names.assign(words.begin() + static_cast<std::ptrdiff_t>(used), words.end());
  return result;
}

}  // namespace

absl::string_view ColumnTitle(Column column) {
  switch (column) {
    case Column::kName:
      return "Name";
    case Column::kRevision:
      return "Revision";
    case Column::kSource:
      return "Source";
    case Column::kSuspended:
      return "Suspended";
    case Column::kReady:
      return "Ready";
    case Column::kMessage:
      return "Message";
    case Column::kLastScan:
      return "Last scan";
    case Column::kImage:
      return "Image";
    case Column::kTag:
      return "Tag";
    case Column::kLastRun:
      return "Last run";
    case Column::kAge:
      return "Age";
  }
  return "";
}

const kube::Resource& KindView::Resource() const { return api::KindOrDie(resource); }

std::string KindView::HumanName() const {
  return group.empty() ? names[0] : absl::StrCat(group, " ", names[0]);
}

std::span<const KindView> AllViews() {
  using enum Column;
  static const std::vector<Column> kSynced = {kName, kRevision, kSuspended, kReady, kMessage};
  static const auto* const kViews = new std::vector<KindView>{
      {"source", {"git"}, "GitRepository", kSynced},
      {"source", {"oci"}, "OCIRepository", kSynced},
      {"source", {"bucket", "buckets"}, "Bucket", kSynced},
      {"source", {"helm"}, "HelmRepository", kSynced},
      {"source", {"chart", "charts"}, "HelmChart", kSynced},
      {"source", {"external"}, "ExternalArtifact", {kName, kRevision, kSource, kReady, kMessage}},
      {"artifact",
       {"generator", "generators"},
       "ArtifactGenerator",
       {kName, kSuspended, kReady, kMessage}},
      {"", {"kustomization", "kustomizations", "ks"}, "Kustomization", kSynced},
      {"", {"helmrelease", "helmreleases", "hr"}, "HelmRelease", kSynced},
      {"image",
       {"repository", "repositories"},
       "ImageRepository",
       {kName, kLastScan, kSuspended, kReady, kMessage}},
      {"image", {"policy", "policies"}, "ImagePolicy", {kName, kImage, kTag, kReady, kMessage}},
      {"image",
       {"update", "updates"},
       "ImageUpdateAutomation",
       {kName, kLastRun, kSuspended, kReady, kMessage}},
  };
  return *kViews;
}

const KindView* FindView(absl::string_view kind) {
  for (const KindView& view : AllViews()) {
    if (view.resource == kind) return &view;
  }
  return nullptr;
}

absl::StatusOr<KindWords> ParseKindWords(absl::string_view verb,
                                         std::span<const std::string> words) {
  ASSIGN_OR_RETURN(const Parsed parsed, Parse(verb, words));
  if (parsed.names.size() > 1) {
    return WordsError(verb, absl::StrCat("too many words: \"", parsed.names.back(), "\""));
  }
  KindWords result{parsed.views, "", parsed.all};
  if (!parsed.names.empty()) result.name = parsed.names[0];
  return result;
}

absl::StatusOr<KindNames> ParseKindNames(absl::string_view verb,
                                         std::span<const std::string> words) {
  ASSIGN_OR_RETURN(Parsed parsed, Parse(verb, words));
  if (parsed.all) return WordsError(verb, "one kind at a time");
  KindNames result{parsed.views[0], {}};
  for (std::string& name : parsed.names) {
    if (std::find(result.names.begin(), result.names.end(), name) == result.names.end()) {
      result.names.push_back(std::move(name));
    }
  }
  return result;
}

std::string ShortenHex(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && absl::ascii_isalnum(static_cast<unsigned char>(text[end]))) ++end;
    const absl::string_view word = text.substr(i, end - i);
    const bool hex = word.size() >= kLongHex && std::all_of(word.begin(), word.end(), [](char c) {
                       return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
                     });
    absl::StrAppend(&out, hex ? word.substr(0, kShortHex) : word);
    if (end < text.size()) out.push_back(text[end]);
    i = end + 1;
  }
  return out;
}

const Value* FindCondition(const Value& object, absl::string_view type) {
  for (const Value& condition : object["status"]["conditions"].items()) {
    if (condition["type"].str() == type) return &condition;
  }
  return nullptr;
}

bool ConditionIsTrue(const Value& object, absl::string_view type) {
  const Value* condition = FindCondition(object, type);
  return condition != nullptr && (*condition)["status"].str() == "True";
}

bool IsStatic(const Value& object) {
  return object["kind"].str() == "HelmRepository" && object["spec"]["type"].str() == "oci";
}

std::string ReadyStatus(const Value& object) {
  if (IsStatic(object)) return "True";
  const Value* ready = FindCondition(object, "Ready");
  return ready == nullptr ? "False" : std::string((*ready)["status"].string_or("False"));
}

std::string ReadyMessage(const Value& object) {
  if (IsStatic(object)) return "Helm repository is Ready";
  const Value* ready = FindCondition(object, "Ready");
  return ready == nullptr ? "waiting to be reconciled" : std::string((*ready)["message"].str());
}

std::string Revision(const Value& object) {
  const Value& status = object["status"];
  const absl::string_view kind = object["kind"].str();
  if (kind == "Kustomization") return std::string(status["lastAppliedRevision"].str());
  if (kind == "HelmRelease") {
    const Value& newest = status["history"].at(0);
    return std::string(newest["chartVersion"].string_or(status["lastAttemptedRevision"].str()));
  }
  return std::string(status["artifact"]["revision"].str());
}

bool Suspended(const Value& object) {
  return object["spec"]["suspend"].bool_or(false) ||
         absl::EqualsIgnoreCase(kube::Annotation(object, api::kGeneratorReconcileAnnotation),
                                "disabled");
}

bool UpToDate(const Value& object) {
  if (IsStatic(object)) return true;
  const Value* ready = FindCondition(object, "Ready");
  if (ready == nullptr || (*ready)["status"].str() != "True") return false;
  // ArtifactGenerators have it in the condition only, ExternalArtifacts need not have it at all.
  const Value* observed = object["status"].Find("observedGeneration");
  if (observed == nullptr) observed = ready->Find("observedGeneration");
  return observed == nullptr || observed->int_or(0) >= kube::Generation(object);
}

Mark MarkOf(const Value& object) {
  if (Suspended(object)) return Mark::kSuspended;
  if (UpToDate(object)) return Mark::kSuccess;
  const Value* ready = FindCondition(object, "Ready");
  if (ready == nullptr || (*ready)["status"].str() == "Unknown") return Mark::kWaiting;
  if (ConditionIsTrue(object, "Stalled") || (*ready)["status"].str() == "False") {
    return Mark::kFailure;
  }
  return Mark::kWaiting;  // Ready, but for an older generation
}

std::string Cell(const Value& object, const KindView& view, Column column, absl::Time now,
                 const Style& style) {
  const Value& status = object["status"];
  switch (column) {
    case Column::kName:
      return std::string(kube::Name(object));
    case Column::kRevision: {
      const bool whole = view.resource == "HelmRelease" || view.resource == "HelmChart";
      return whole ? Revision(object) : ShortenHex(Revision(object));
    }
    case Column::kSource:
      return SourceText(object);
    case Column::kSuspended:
      return Suspended(object) ? "True" : "False";
    case Column::kReady:
      return absl::StrCat(style.Of(MarkOf(object)), ReadyStatus(object));
    // Messages may hold several lines (one per failed object); a row is one.
    case Column::kMessage:
      return absl::StrReplaceAll(ShortenHex(ReadyMessage(object)), {{"\n", " "}});
    case Column::kLastScan:
      return std::string(status["lastScanResult"]["scanTime"].str());
    case Column::kImage:
      return std::string(status["latestRef"]["name"].str());
    case Column::kTag:
      return std::string(status["latestRef"]["tag"].str());
    case Column::kLastRun:
      return std::string(status["lastAutomationRunTime"].str());
    case Column::kAge: {
      const auto created = ParseRfc3339(object["metadata"]["creationTimestamp"].str());
      return created.ok() ? HumanDuration(now - *created) : "";
    }
  }
  return "";
}

}  // namespace sluice::cli
