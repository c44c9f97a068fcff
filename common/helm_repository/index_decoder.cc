// SPDX-License-Identifier: Apache-2.0
#include "common/helm_repository/index_decoder.h"

#include <bitset>
#include <span>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "common/text/quote.h"

namespace sluice::helm_repository {
namespace {

using Kind = IndexEvent::Kind;
using Type = IndexEvent::Type;

// Repeated keys of a map of texts are looked for one by one up to so many.
constexpr size_t kMaxAnnotations = 64;
constexpr size_t kMaxFields = 32;
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
    "name",         "home",      "sources",     "version",      "description", "keywords",
    "maintainers",  "icon",      "apiVersion",  "condition",    "tags",        "appVersion",
    "deprecated",   "annotations", "kubeVersion", "dependencies", "type",      "urls",
    "created",      "removed",   "digest",      "checksum",     "engine",      "tillerVersion",
    "url"};

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

absl::string_view JsonType(const IndexEvent& event) {
  if (event.kind == Kind::kListStart) return "array";
  if (event.kind == Kind::kMapStart) return "object";
  if (event.type == Type::kBool) return "bool";
  return event.type == Type::kNumber ? "number" : "string";
}

// The annotations of a chart that sigs.k8s.io/yaml takes for these fields of chart.Metadata, and so
// prints if they are no texts.
bool IsTextField(absl::string_view key) {
  for (const EntryField field : {kName, kHome, kVersion, kDescription, kIcon, kApiVersion,
                                 kCondition, kTags, kAppVersion, kKubeVersion, kType}) {
    if (absl::EqualsIgnoreCase(kEntryFields[field], key)) return true;
  }
  return false;
}

// Whether sigs.k8s.io/yaml prints numbers and booleans where the field wants a text: it does for
// fields of the struct itself, but not for those of a struct embedded in it.
enum class Scalars : uint8_t { kAsTheyAre, kPrinted };

class Decoder {
 public:
  Decoder(EventReader& events, Syntax syntax, ChartSink& sink)
      : events_(events), strict_(syntax == Syntax::kYaml), sink_(sink) {}

  absl::Status Index(IndexHead& head);
  absl::Status Charts();
  absl::Status Versions();
  absl::Status Advance() {
    if (events_.Next(event_)) return absl::OkStatus();
    return events_.status();
  }

 private:
  bool AtNull() const { return event_.kind == Kind::kScalar && event_.type == Type::kNull; }
  absl::Status Mismatch(absl::string_view field, absl::string_view type) const {
    return absl::InvalidArgumentError(absl::StrCat("json: cannot unmarshal ", JsonType(event_),
                                                   " into Go struct field ", field, " of type ",
                                                   type));
  }

  // Each of the following takes the value that event_ begins and leaves event_ at its end.

  // Calls `read(field)` for each member that is in `names`, with event_ at the member's value.
  template <class Read>
  absl::Status Struct(std::span<const absl::string_view> names, absl::string_view field,
                      absl::string_view type, Read read) {
    if (event_.kind != Kind::kMapStart) return Mismatch(field, type);
    std::bitset<kMaxFields> seen;
    while (true) {
      RETURN_IF_ERROR(Advance());
      if (event_.kind == Kind::kMapEnd) return absl::OkStatus();
      size_t index = 0;
      while (index < names.size() && names[index] != event_.text) ++index;
      if (index == names.size()) {
        for (index = 0; index < names.size(); ++index) {
          if (absl::EqualsIgnoreCase(names[index], event_.text)) break;
        }
        if (strict_ && index == names.size()) {
          return absl::InvalidArgumentError(
              absl::StrCat("json: unknown field ", text::Quote(event_.text)));
        }
      }
      // Also of a name written in another case: the other reader sees what is repeated.
      if (strict_ && index < names.size()) {
        if (seen.test(index)) return absl::UnimplementedError("a repeated key");
        seen.set(index);
      }
      RETURN_IF_ERROR(Advance());
      if (index == names.size()) {
        RETURN_IF_ERROR(Skip());
      } else {
        RETURN_IF_ERROR(read(index));
      }
    }
  }

  template <class Read>
  absl::Status List(absl::string_view field, absl::string_view type, Read read) {
    if (event_.kind != Kind::kListStart) return Mismatch(field, type);
    while (true) {
      RETURN_IF_ERROR(Advance());
      if (event_.kind == Kind::kListEnd) return absl::OkStatus();
      RETURN_IF_ERROR(read());
    }
  }

  absl::Status Skip();
  absl::Status Any(Value& target);
  absl::Status Text(absl::string_view& target, Scalars scalars, absl::string_view field);
  absl::Status Bool(bool& target, absl::string_view field);
  absl::Status Time(std::string& target);
  absl::Status Texts(TextList& target, Scalars scalars, absl::string_view field);
  template <class Put>
  absl::Status TextMap(absl::string_view field, Put put);
  absl::Status Maintainers(std::vector<EntryMaintainer>& target);
  absl::Status Dependencies(std::vector<EntryDependency>& target);
  absl::Status Entry();
  absl::Status EntryMember(size_t field);

  EventReader& events_;
  const bool strict_;
  ChartSink& sink_;
  IndexEvent event_;
  ChartEntry entry_;
};

absl::Status Decoder::Skip() {
  size_t depth = 0;
  while (true) {
    if (event_.kind == Kind::kMapStart || event_.kind == Kind::kListStart) {
      ++depth;
    } else if (event_.kind == Kind::kMapEnd || event_.kind == Kind::kListEnd) {
      --depth;
    }
    if (depth == 0) return absl::OkStatus();
    RETURN_IF_ERROR(Advance());
  }
}

// The readers bound the depth.
absl::Status Decoder::Any(Value& target) {
  switch (event_.kind) {
    case Kind::kScalar:
      if (event_.type == Type::kString) target = event_.text;
      if (event_.type == Type::kBool) target = event_.text == "true";
      if (event_.type == Type::kNumber) target = event_.number;
      return absl::OkStatus();
    case Kind::kListStart: {
      Value::Array items;
      while (true) {
        RETURN_IF_ERROR(Advance());
        if (event_.kind == Kind::kListEnd) break;
        RETURN_IF_ERROR(Any(items.emplace_back()));
      }
      target = Value(std::move(items));
      return absl::OkStatus();
    }
    case Kind::kMapStart: {
      Value::Object members;
      while (true) {
        RETURN_IF_ERROR(Advance());
        if (event_.kind == Kind::kMapEnd) break;
        value::Member& member = members.emplace_back();
        member.key = std::string(event_.text);
        RETURN_IF_ERROR(Advance());
        RETURN_IF_ERROR(Any(member.value));
      }
      const size_t written = members.size();
      target = Value::FromMembers(std::move(members));
      if (strict_ && target.size() != written) return absl::UnimplementedError("a repeated key");
      return absl::OkStatus();
    }
    default:
      return absl::OkStatus();
  }
}

absl::Status Decoder::Text(absl::string_view& target, Scalars scalars, absl::string_view field) {
  if (AtNull()) return absl::OkStatus();
  const bool printed = strict_ && scalars == Scalars::kPrinted;
  if (event_.kind == Kind::kScalar && (event_.type == Type::kString || printed)) {
    target = event_.text;
    return absl::OkStatus();
  }
  const bool bare = field.find('.') == absl::string_view::npos;  // of an entry
  const char* const prefix = !bare                           ? ""
                             : scalars == Scalars::kPrinted ? "ChartVersion.entries."
                                                            : "ChartVersion.entries.Metadata.";
  return Mismatch(absl::StrCat(prefix, field), "string");
}

absl::Status Decoder::Bool(bool& target, absl::string_view field) {
  if (AtNull()) return absl::OkStatus();
  if (event_.kind != Kind::kScalar || event_.type != Type::kBool) return Mismatch(field, "bool");
  target = event_.text == "true";
  return absl::OkStatus();
}

// Go keeps the offset and drops zeros at the fraction's end.
absl::Status Decoder::Time(std::string& target) {
  if (AtNull()) return absl::OkStatus();
  if (event_.kind != Kind::kScalar || event_.type != Type::kString) {
    return absl::InvalidArgumentError("Time.UnmarshalJSON: input is not a JSON string");
  }
  if (const auto time = ParseRfc3339(event_.text); !time.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("parsing time ", text::Quote(event_.text), " as RFC 3339: cannot parse it"));
  }
  target = std::string(event_.text);
  if (const size_t dot = target.find('.'); dot != std::string::npos) {
    size_t end = dot + 1;
    while (end < target.size() && absl::ascii_isdigit(static_cast<unsigned char>(target[end]))) {
      ++end;
    }
    size_t kept = std::min(end, dot + 10);  // nanoseconds
    while (kept > dot + 1 && target[kept - 1] == '0') --kept;
    if (kept == dot + 1) kept = dot;
    target.erase(kept, end - kept);
  }
  for (const char* zero : {"+00:00", "-00:00"}) {
    if (absl::EndsWith(target, zero)) target.replace(target.size() - 6, 6, "Z");
  }
  return absl::OkStatus();
}

absl::Status Decoder::Texts(TextList& target, Scalars scalars, absl::string_view field) {
  if (AtNull()) return absl::OkStatus();
  target.is_null = false;
  return List(field, "[]string",
              [&] { return Text(target.items.emplace_back(), scalars, field); });
}

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
  return List("ChartVersion.entries.Metadata.maintainers", "[]*v2.Maintainer", [&]() -> absl::Status {
    EntryMaintainer& maintainer = target.emplace_back();
    maintainer.is_null = AtNull();
    if (maintainer.is_null) return absl::OkStatus();
    return Struct(kMaintainerFields, "ChartVersion.entries.Metadata.maintainers", "v2.Maintainer",
                  [&](size_t field) {
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
    return Text(target, scalars, kEntryFields[field]);
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
                       if (strict_) {
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
  return List("IndexFile.entries", "repo.ChartVersions", [this]() -> absl::Status {
    return AtNull() ? absl::OkStatus() : Entry();
  });
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
                         if (!head.annotations.emplace(key, value).second && strict_) {
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
