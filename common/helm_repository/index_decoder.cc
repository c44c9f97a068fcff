// SPDX-License-Identifier: Apache-2.0
#include "common/helm_repository/index_decoder.h"

#include "absl/strings/match.h"
#include "common/base/status_macros.h"
#include "common/helm_repository/go_decoder.h"

namespace sluice::helm_repository {
namespace {

using Kind = IndexEvent::Kind;

// Repeated keys of a map of texts are looked for one by one up to so many.
constexpr size_t kMaxAnnotations = 64;
constexpr absl::string_view kEntryAnnotations = "ChartVersion.entries.Metadata.annotations";

enum EntryField : size_t {
  kName,
  kHome,
  kSources,
  kVersion,
  kDescription,
  kKeywords,
  kMaintainers,
  kIcon,
  kApiVersion,
  kCondition,
  kTags,
  kAppVersion,
  kDeprecated,
  kAnnotations,
  kKubeVersion,
  kDependencies,
  kType,
  kUrls,
  kCreated,
  kRemoved,
  kDigest,
  kChecksum,
  kEngine,
  kTillerVersion,
  kUrl,
};
constexpr absl::string_view kEntryFields[] = {
    "name",         "home",        "sources",    "version",       "description",
    "keywords",     "maintainers", "icon",       "apiVersion",    "condition",
    "tags",         "appVersion",  "deprecated", "annotations",   "kubeVersion",
    "dependencies", "type",        "urls",       "created",       "removed",
    "digest",       "checksum",    "engine",     "tillerVersion", "url"};

enum HeadField : size_t {
  kHeadServerInfo,
  kHeadApiVersion,
  kHeadGenerated,
  kHeadEntries,
  kHeadPublicKeys,
  kHeadAnnotations
};
constexpr absl::string_view kHeadFields[] = {"serverInfo", "apiVersion", "generated",
                                             "entries",    "publicKeys", "annotations"};

enum MaintainerField : size_t { kMaintainerName, kMaintainerEmail, kMaintainerUrl };
constexpr absl::string_view kMaintainerFields[] = {"name", "email", "url"};

enum DependencyField : size_t {
  kDependencyName,
  kDependencyVersion,
  kDependencyRepository,
  kDependencyCondition,
  kDependencyTags,
  kDependencyEnabled,
  kDependencyImportValues,
  kDependencyAlias
};
constexpr absl::string_view kDependencyFields[] = {"name", "version", "repository",    "condition",
                                                   "tags", "enabled", "import-values", "alias"};

// The annotations of a chart that sigs.k8s.io/yaml takes for these fields of chart.Metadata, and so
// prints if they are no texts.
bool IsTextField(absl::string_view key) {
  for (const EntryField field : {kName, kHome, kVersion, kDescription, kIcon, kApiVersion,
                                 kCondition, kTags, kAppVersion, kKubeVersion, kType}) {
    if (absl::EqualsIgnoreCase(kEntryFields[field], key)) return true;
  }
  return false;
}

class Decoder : private GoDecoder {
 public:
  Decoder(EventReader& events, Syntax syntax, ChartSink& sink)
      : GoDecoder(events, syntax), sink_(sink) {}

  absl::Status Index(IndexHead& head);
  absl::Status Charts();
  absl::Status Versions();
  using GoDecoder::Advance;

 private:
  // Each of the following takes the value that event_ begins and leaves event_ at its end.

  template <class Put>
  absl::Status TextMap(absl::string_view field, Put put);
  absl::Status Maintainers(std::vector<EntryMaintainer>& target);
  absl::Status Dependencies(std::vector<EntryDependency>& target);
  absl::Status Entry();
  absl::Status EntryMember(size_t field);

  ChartSink& sink_;
  ChartEntry entry_;
};

template <class Put>
absl::Status Decoder::TextMap(absl::string_view field, Put put) {
  if (AtNull()) return absl::OkStatus();
  if (event_.kind != Kind::kMapStart) return Mismatch(field, "map[string]string");
  while (true) {
    RETURN_IF_ERROR(Advance());
    if (event_.kind == Kind::kMapEnd) return absl::OkStatus();
    const absl::string_view key = event_.text;
    absl::string_view text;
    RETURN_IF_ERROR(Advance());
    const bool printed = field == kEntryAnnotations && IsTextField(key);
    RETURN_IF_ERROR(Text(text, printed ? Scalars::kPrinted : Scalars::kAsTheyAre, field));
    RETURN_IF_ERROR(put(key, text));
  }
}

absl::Status Decoder::Maintainers(std::vector<EntryMaintainer>& target) {
  if (AtNull()) return absl::OkStatus();
  return List(
      "ChartVersion.entries.Metadata.maintainers", "[]*v2.Maintainer", [&]() -> absl::Status {
        EntryMaintainer& maintainer = target.emplace_back();
        maintainer.is_null = AtNull();
        if (maintainer.is_null) return absl::OkStatus();
        return Struct(kMaintainerFields, "ChartVersion.entries.Metadata.maintainers",
                      "v2.Maintainer", [&](size_t field) {
                        absl::string_view& text = field == kMaintainerName    ? maintainer.name
                                                  : field == kMaintainerEmail ? maintainer.email
                                                                              : maintainer.url;
                        return Text(text, Scalars::kAsTheyAre, "Maintainer.entries.maintainers");
                      });
      });
}

absl::Status Decoder::Dependencies(std::vector<EntryDependency>& target) {
  if (AtNull()) return absl::OkStatus();
  constexpr char kField[] = "Dependency.entries.dependencies";
  return List(kField, "[]*v2.Dependency", [&]() -> absl::Status {
    EntryDependency& dependency = target.emplace_back();
    dependency.is_null = AtNull();
    if (dependency.is_null) return absl::OkStatus();
    return Struct(kDependencyFields, kField, "v2.Dependency", [&](size_t field) -> absl::Status {
      switch (field) {
        case kDependencyName:
          return Text(dependency.name, Scalars::kAsTheyAre, kField);
        case kDependencyVersion:
          return Text(dependency.version, Scalars::kAsTheyAre, kField);
        case kDependencyRepository:
          return Text(dependency.repository, Scalars::kAsTheyAre, kField);
        case kDependencyCondition:
          return Text(dependency.condition, Scalars::kAsTheyAre, kField);
        case kDependencyAlias:
          return Text(dependency.alias, Scalars::kAsTheyAre, kField);
        case kDependencyTags:
          return Texts(dependency.tags, Scalars::kAsTheyAre, kField);
        case kDependencyEnabled:
          return Bool(dependency.enabled, kField);
        default:
          if (AtNull()) return absl::OkStatus();
          return List(kField, "[]interface {}",
                      [&] { return Any(dependency.import_values.emplace_back()); });
      }
    });
  });
}

absl::Status Decoder::EntryMember(size_t field) {
  const auto text = [&](absl::string_view& target, Scalars scalars = Scalars::kAsTheyAre) {
    return Text(
        target, scalars, kEntryFields[field],
        scalars == Scalars::kPrinted ? "ChartVersion.entries." : "ChartVersion.entries.Metadata.");
  };
  switch (static_cast<EntryField>(field)) {
    case kName:
      return text(entry_.name);
    case kHome:
      return text(entry_.home);
    case kSources:
      return Texts(entry_.sources, Scalars::kAsTheyAre, "ChartVersion.entries.Metadata.sources");
    case kVersion:
      return text(entry_.version);
    case kDescription:
      return text(entry_.description);
    case kKeywords:
      return Texts(entry_.keywords, Scalars::kAsTheyAre, "ChartVersion.entries.Metadata.keywords");
    case kMaintainers:
      return Maintainers(entry_.maintainers);
    case kIcon:
      return text(entry_.icon);
    case kApiVersion:
      return text(entry_.api_version);
    case kCondition:
      return text(entry_.condition);
    case kTags:
      return text(entry_.tags);
    case kAppVersion:
      return text(entry_.app_version);
    case kDeprecated:
      return Bool(entry_.deprecated, "ChartVersion.entries.Metadata.deprecated");
    case kAnnotations:
      return TextMap(kEntryAnnotations,
                     [&](absl::string_view key, absl::string_view value) -> absl::Status {
                       auto& annotations = entry_.annotations;
                       if (text_) {
                         if (annotations.size() == kMaxAnnotations) {
                           return absl::UnimplementedError("many annotations");
                         }
                         for (const auto& [other, unused] : annotations) {
                           if (other == key) return absl::UnimplementedError("a repeated key");
                         }
                       }
                       annotations.emplace_back(key, value);
                       return absl::OkStatus();
                     });
    case kKubeVersion:
      return text(entry_.kube_version);
    case kDependencies:
      return Dependencies(entry_.dependencies);
    case kType:
      return text(entry_.type);
    case kUrls:
      return Texts(entry_.urls, Scalars::kPrinted, "ChartVersion.entries.urls");
    case kCreated:
      return Time(entry_.created);
    case kRemoved:
      return Bool(entry_.removed, "ChartVersion.entries.removed");
    case kDigest:
      return text(entry_.digest, Scalars::kPrinted);
    case kChecksum:
      return text(entry_.checksum, Scalars::kPrinted);
    case kEngine:
      return text(entry_.engine, Scalars::kPrinted);
    case kTillerVersion:
      return text(entry_.tiller_version, Scalars::kPrinted);
    case kUrl:
      return text(entry_.url, Scalars::kPrinted);
  }
  return absl::OkStatus();
}

absl::Status Decoder::Entry() {
  // Keeps what the lists have allocated.
  ChartEntry fresh;
  fresh.sources.items.swap(entry_.sources.items);
  fresh.keywords.items.swap(entry_.keywords.items);
  fresh.urls.items.swap(entry_.urls.items);
  fresh.maintainers.swap(entry_.maintainers);
  fresh.annotations.swap(entry_.annotations);
  fresh.sources.Clear();
  fresh.keywords.Clear();
  fresh.urls.Clear();
  fresh.maintainers.clear();
  fresh.annotations.clear();
  entry_ = std::move(fresh);
  RETURN_IF_ERROR(Struct(kEntryFields, "IndexFile.entries", "repo.ChartVersion",
                         [this](size_t field) { return EntryMember(field); }));
  return sink_.Entry(entry_);
}

absl::Status Decoder::Versions() {
  if (AtNull()) return absl::OkStatus();
  return List("IndexFile.entries", "repo.ChartVersions",
              [this]() -> absl::Status { return AtNull() ? absl::OkStatus() : Entry(); });
}

absl::Status Decoder::Charts() {
  if (event_.kind != Kind::kMapStart) {
    return Mismatch("IndexFile.entries", "map[string]repo.ChartVersions");
  }
  while (true) {
    RETURN_IF_ERROR(Advance());
    if (event_.kind == Kind::kMapEnd) return absl::OkStatus();
    const std::string name(event_.text);
    RETURN_IF_ERROR(Advance());
    RETURN_IF_ERROR(sink_.BeginChart(name, AtNull()));
    RETURN_IF_ERROR(Versions());
  }
}

absl::Status Decoder::Index(IndexHead& head) {
  if (AtNull()) return absl::OkStatus();
  return Struct(kHeadFields, "IndexFile", "repo.IndexFile", [&](size_t field) -> absl::Status {
    switch (field) {
      case kHeadServerInfo:
        if (AtNull()) return absl::OkStatus();
        if (event_.kind != Kind::kMapStart) {
          return Mismatch("IndexFile.serverInfo", "map[string]interface {}");
        }
        return Any(head.server_info);
      case kHeadApiVersion: {
        absl::string_view text = head.api_version;
        RETURN_IF_ERROR(Text(text, Scalars::kPrinted, "IndexFile.apiVersion"));
        head.api_version = std::string(text);
        return absl::OkStatus();
      }
      case kHeadGenerated:
        return Time(head.generated);
      case kHeadEntries:
        if (AtNull()) return absl::OkStatus();
        head.has_entries = true;
        return Charts();
      case kHeadPublicKeys: {
        TextList keys;
        RETURN_IF_ERROR(Texts(keys, Scalars::kPrinted, "IndexFile.publicKeys"));
        for (const absl::string_view key : keys.items) head.public_keys.emplace_back(key);
        return absl::OkStatus();
      }
      default:
        return TextMap("IndexFile.annotations",
                       [&](absl::string_view key, absl::string_view value) -> absl::Status {
                         if (!head.annotations.emplace(key, value).second && text_) {
                           return absl::UnimplementedError("a repeated key");
                         }
                         return absl::OkStatus();
                       });
    }
  });
}

}  // namespace

absl::Status ReadIndex(EventReader& events, Syntax syntax, IndexHead& head, ChartSink& sink) {
  Decoder decoder(events, syntax, sink);
  RETURN_IF_ERROR(decoder.Advance());
  RETURN_IF_ERROR(decoder.Index(head));
  return decoder.Advance();  // what follows must be readable
}

absl::Status ReadCharts(EventReader& events, Syntax syntax, ChartSink& sink) {
  Decoder decoder(events, syntax, sink);
  RETURN_IF_ERROR(decoder.Advance());
  RETURN_IF_ERROR(decoder.Charts());
  return decoder.Advance();
}

absl::Status ReadVersions(EventReader& events, Syntax syntax, ChartSink& sink) {
  Decoder decoder(events, syntax, sink);
  RETURN_IF_ERROR(decoder.Advance());
  RETURN_IF_ERROR(decoder.Versions());
  return decoder.Advance();
}

}  // namespace sluice::helm_repository
