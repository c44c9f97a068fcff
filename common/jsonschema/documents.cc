// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/documents.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/jsonschema/pointer.h"
#include "common/jsonschema/url.h"
#include "common/text/quote.h"

namespace sluice::jsonschema {
namespace {

using text::Quote;

// All pointers of a schema together; they repeat the names on the way to every subschema.
constexpr size_t kMaxPointerBytes = 64 << 20;

absl::Status Refused(absl::string_view message) { return absl::InvalidArgumentError(message); }

// "http://json-schema.org/…" is not compared with anything.
bool IsPublishedByTheDrafts(absl::string_view url) {
  return absl::StartsWith(url, "http://json-schema.org/") ||
         absl::StartsWith(url, "https://json-schema.org/");
}

// The absolute URL that `reference` without its fragment means at `base`.
absl::StatusOr<std::string> Join(absl::string_view base, absl::string_view reference) {
  const absl::StatusOr<Url> base_url = Url::Parse(base);
  if (!base_url.ok()) {
    return Refused(
        absl::StrCat("error in parsing ", Quote(base), ": ", base_url.status().message()));
  }
  const absl::StatusOr<Url> url = Url::Parse(reference);
  if (!url.ok()) {
    return Refused(
        absl::StrCat("error in parsing ", Quote(reference), ": ", url.status().message()));
  }
  return base_url->Resolve(*url).String();
}

struct Reference {
  absl::string_view url;
  std::string fragment;  // unescaped
};

absl::StatusOr<Reference> SplitReference(absl::string_view text) {
  const auto [url, escaped] = SplitFragment(text);
  const absl::StatusOr<std::string> fragment = PathUnescape(escaped);
  if (!fragment.ok()) {
    return Refused(
        absl::StrCat("error in parsing ", Quote(text), ": ", fragment.status().message()));
  }
  return Reference{url, *fragment};
}

bool IsPointer(absl::string_view fragment) { return fragment.empty() || fragment[0] == '/'; }

std::string Locate(absl::string_view url, absl::string_view pointer) {
  return Quote(absl::StrCat(url, "#", EscapePointer(pointer)));
}

}  // namespace

const Resource& Document::ResourceAt(absl::string_view pointer) const {
  while (!pointer.empty()) {
    if (const auto found = resources.find(pointer); found != resources.end()) return found->second;
    pointer = pointer.substr(0, std::min(pointer.rfind('/'), pointer.size()));
  }
  return resources.find("")->second;
}

const Resource* Document::ResourceById(absl::string_view id) const {
  const auto found = pointers_by_id.find(id);
  return found == pointers_by_id.end() ? nullptr : &resources.find(found->second)->second;
}

absl::Status Documents::Charge(absl::string_view pointer) {
  pointer_bytes_ += pointer.size();
  if (++schemas_ > options_.limits.max_schemas || pointer_bytes_ > kMaxPointerBytes) {
    return absl::OutOfRangeError(
        absl::StrCat("the schema has more than ", options_.limits.max_schemas,
                     " subschemas (max_schemas), or their locations take more than ",
                     kMaxPointerBytes >> 20, " MiB"));
  }
  return absl::OkStatus();
}

absl::Status Documents::Add(const std::string& url, absl::string_view json) {
  if (json.size() > options_.limits.max_schema_bytes) {
    return absl::OutOfRangeError(absl::StrCat("the schema has more than ",
                                              options_.limits.max_schema_bytes,
                                              " bytes (max_schema_bytes)"));
  }
  if (texts_.size() >= options_.limits.max_documents) {
    return absl::OutOfRangeError(absl::StrCat("the schema refers to more than ",
                                              options_.limits.max_documents,
                                              " documents (max_documents)"));
  }
  ASSIGN_OR_RETURN(JsonText text, ReadJson(json));
  texts_[url] = std::make_shared<const JsonText>(std::move(text));
  return absl::OkStatus();
}

absl::StatusOr<std::string> Documents::Fetch(absl::string_view url) {
  const absl::StatusOr<Url> parsed = Url::Parse(url);
  if (!parsed.ok()) return parsed.status();
  const bool web = parsed->scheme == "http" || parsed->scheme == "https";
  if (!web && parsed->scheme != "file" && parsed->scheme != "urn") {
    return Refused(absl::StrCat("no URLLoader registered for ", Quote(parsed->String())));
  }
  absl::Status problem =
      web ? absl::FailedPreconditionError("remote schemas are not fetched")
          : absl::NotFoundError(absl::StrCat("open ", parsed->path, ": no such file or directory"));
  if (options_.load) {
    absl::StatusOr<std::string> loaded = options_.load(url);
    if (loaded.ok()) return loaded;
    problem = loaded.status();
  }
  if (parsed->scheme == "urn") return std::string("true");
  return problem;
}

absl::StatusOr<std::shared_ptr<const JsonText>> Documents::Read(const std::string& url) {
  if (const auto known = texts_.find(url); known != texts_.end()) return known->second;
  const absl::string_view metaschema = MetaschemaText(url);
  std::string fetched;
  if (metaschema.empty()) {
    absl::StatusOr<std::string> text = Fetch(url);
    if (!text.ok()) {
      return Annotate(text.status(), absl::StrCat("failing loading ", Quote(url)));
    }
    fetched = *std::move(text);
  }
  if (const absl::Status added = Add(url, metaschema.empty() ? fetched : metaschema); !added.ok()) {
    return Annotate(added, absl::StrCat("failing loading ", Quote(url)));
  }
  return texts_[url];
}

absl::StatusOr<Document*> Documents::Load(const std::string& url) {
  if (const auto known = documents_.find(url); known != documents_.end()) {
    return known->second.get();
  }
  auto document = std::make_unique<Document>();
  document->url = url;
  ASSIGN_OR_RETURN(document->text, Read(url));
  RETURN_IF_ERROR(Collect(*document, document->text->value, url, "", {&LatestDraft(), {}}));
  if (check_ && !IsPublishedByTheDrafts(url)) RETURN_IF_ERROR(check_(*document, ""));
  return (documents_[url] = std::move(document)).get();
}

absl::StatusOr<Place> Documents::AtFragment(Document& document, const Resource& resource,
                                            absl::string_view fragment) {
  if (IsPointer(fragment)) return Place{&document, absl::StrCat(resource.pointer, fragment)};
  const auto anchor = resource.anchors.find(std::string(fragment));
  if (anchor == resource.anchors.end()) {
    return Refused(absl::StrCat("anchor in ", Locate(resource.id, fragment),
                                " not found in schema ", Quote(document.url)));
  }
  return Place{&document, anchor->second};
}

absl::StatusOr<Place> Documents::Resolve(Document& document, const Resource& from,
                                         absl::string_view reference) {
  ASSIGN_OR_RETURN(const Reference split, SplitReference(reference));
  ASSIGN_OR_RETURN(const std::string url, Join(from.id, split.url));
  if (url == document.url) {
    return AtFragment(document, document.resources.find("")->second, split.fragment);
  }
  if (const Resource* resource = document.ResourceById(url)) {
    return AtFragment(document, *resource, split.fragment);
  }
  ASSIGN_OR_RETURN(Document* const other, Load(url));
  return AtFragment(*other, other->resources.find("")->second, split.fragment);
}

absl::StatusOr<const Value*> Documents::Subschema(Document& document, const std::string& pointer) {
  LookupFault fault = LookupFault::kNotFound;
  const Value* const value = LookUp(document.text->value, pointer, fault);
  if (value == nullptr) {
    const std::string where = Locate(document.url, pointer);
    return Refused(fault == LookupFault::kInvalid
                       ? absl::StrCat("invalid json-pointer ", where)
                       : absl::StrCat("json-pointer in ", where, " not found"));
  }
  if (document.collected.contains(pointer)) return value;
  // Not where a draft has subschemas, so nobody has looked at it yet.
  const Resource& around = document.ResourceAt(pointer);
  RETURN_IF_ERROR(Collect(document, *value, around.id, pointer, around.dialect));
  if (check_) RETURN_IF_ERROR(check_(document, pointer));
  return value;
}

absl::Status Documents::Collect(Document& document, const Value& schema, const std::string& base,
                                const std::string& pointer, const Dialect& fallback) {
  if (document.collected.contains(pointer)) return absl::OkStatus();
  RETURN_IF_ERROR(Charge(pointer));
  if (schema.is_object()) {
    RETURN_IF_ERROR(CollectObject(document, schema, base, pointer, fallback));
  } else if (pointer.empty()) {
    RETURN_IF_ERROR(AddResource(document, schema, base, pointer, false, *fallback.draft, fallback));
  }
  document.collected.insert(pointer);
  return absl::OkStatus();
}

absl::Status Documents::CollectObject(Document& document, const Value& schema, std::string base,
                                      const std::string& pointer, const Dialect& fallback) {
  bool own_dialect = schema["$schema"].is_string();
  ASSIGN_OR_RETURN(const Draft* draft, DraftOf(document.url, pointer, schema, *fallback.draft));
  absl::string_view id = draft->IdOf(schema);
  if (id.empty() && !pointer.empty()) {
    // $schema has a meaning only where a resource begins.
    draft = fallback.draft;
    own_dialect = false;
    id = draft->IdOf(schema);
  }
  if (!id.empty()) {
    const absl::StatusOr<std::string> joined = Join(base, id);
    if (!joined.ok()) {
      return Refused(absl::StrCat("error in parsing id at ", Locate(document.url, pointer)));
    }
    base = *joined;
  }
  if (!id.empty() || pointer.empty()) {
    RETURN_IF_ERROR(AddResource(document, schema, base, pointer, own_dialect, *draft, fallback));
  }
  Resource& resource = document.resources.find(document.pointers_by_id.at(base))->second;
  RETURN_IF_ERROR(CollectAnchors(document, schema, pointer, resource));
  const Dialect dialect = resource.dialect;
  return CollectSubschemas(document, schema, base, pointer, *draft, dialect);
}

absl::Status Documents::AddResource(Document& document, const Value& schema, const std::string& id,
                                    const std::string& pointer, bool own_dialect,
                                    const Draft& draft, const Dialect& fallback) {
  if (const Resource* other = document.ResourceById(id)) {
    if (other->pointer == pointer) return absl::OkStatus();
    return Refused(absl::StrCat("duplicate id ", Quote(id), " in ", Quote(document.url), " at ",
                                Quote(pointer), " and ", Quote(other->pointer)));
  }
  Resource resource;
  resource.pointer = pointer;
  resource.id = id;
  resource.dialect = fallback;
  if (own_dialect) {
    ASSIGN_OR_RETURN(resource.dialect, DialectOf(schema, draft));
  }
  if (check_) resource.metaschema = MetaschemaOf(resource.dialect, composed_metaschemas_);
  document.resources[pointer] = std::move(resource);
  document.pointers_by_id[id] = pointer;
  return absl::OkStatus();
}

absl::Status Documents::CollectAnchors(Document& document, const Value& schema,
                                       const std::string& pointer, Resource& resource) {
  const auto add = [&](absl::string_view anchor) -> absl::Status {
    const auto [known, added] = resource.anchors.emplace(std::string(anchor), pointer);
    if (added || known->second == pointer) return absl::OkStatus();
    return Refused(absl::StrCat("duplicate anchor ", Quote(anchor), " in ", Quote(document.url),
                                " at ", Quote(known->second), " and ", Quote(pointer)));
  };
  const Draft& draft = *resource.dialect.draft;
  if (draft.version < 2019) {
    if (schema.Has("$ref") || !schema[draft.id].is_string()) return absl::OkStatus();
    const absl::StatusOr<Reference> id = SplitReference(schema[draft.id].str());
    if (!id.ok()) {
      return Refused(absl::StrCat("error in parsing anchor at ", Locate(document.url, pointer)));
    }
    return IsPointer(id->fragment) ? absl::OkStatus() : add(id->fragment);
  }
  if (const Value& anchor = schema["$anchor"]; anchor.is_string())
    RETURN_IF_ERROR(add(anchor.str()));
  const Value& dynamic = schema["$dynamicAnchor"];
  if (draft.version >= 2020 && dynamic.is_string()) {
    RETURN_IF_ERROR(add(dynamic.str()));
    resource.dynamic_anchors.emplace_back(dynamic.str());
  }
  return absl::OkStatus();
}

absl::Status Documents::CollectSubschemas(Document& document, const Value& schema,
                                          const std::string& base, const std::string& pointer,
                                          const Draft& draft, const Dialect& dialect) {
  for (const SubschemaKeyword& keyword : kSubschemaKeywords) {
    const Value* const found = schema.Find(keyword.name);
    if (found == nullptr || keyword.since > draft.version) continue;
    if (keyword.itself) {
      RETURN_IF_ERROR(Collect(document, *found, base, Below(pointer, keyword.name), dialect));
    }
    if (keyword.members) {
      for (const value::Member& member : found->members()) {
        RETURN_IF_ERROR(Collect(document, member.value, base,
                                Below(pointer, keyword.name, member.key), dialect));
      }
    }
    if (keyword.items) {
      for (size_t i = 0; i < found->items().size(); ++i) {
        RETURN_IF_ERROR(Collect(document, found->items()[i], base,
                                Below(pointer, keyword.name, std::to_string(i)), dialect));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace sluice::jsonschema
