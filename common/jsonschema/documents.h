// The documents that a schema is made of: loaded, taken apart into resources (what has an $id),
// their anchors and dialects, and searched by reference.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/jsonschema/draft.h"
#include "common/jsonschema/json_text.h"
#include "common/jsonschema/node.h"
#include "common/jsonschema/schema.h"

namespace sluice::jsonschema {

struct Resource {
  std::string pointer;
  std::string id;  // absolute, without a fragment
  Dialect dialect;
  const Node* metaschema = nullptr;            // null in the metaschemas themselves
  std::map<std::string, std::string> anchors;  // to pointers
  std::vector<std::string> dynamic_anchors;    // those of them that are dynamic, in order
};
using Resources = std::map<std::string, Resource, std::less<>>;  // by pointer

struct Document {
  // The one that what is at `pointer` belongs to.
  const Resource& ResourceAt(absl::string_view pointer) const;
  const Resource* ResourceById(absl::string_view id) const;

  std::string url;
  std::shared_ptr<const JsonText> text;
  Resources resources;
  absl::flat_hash_map<std::string, std::string> pointers_by_id;
  absl::flat_hash_set<std::string> collected;  // pointers of known subschemas
};

// Where a reference leads.
struct Place {
  Document* document;
  std::string pointer;
};

class Documents {
 public:
  // Compares what is at `pointer` with the metaschema of its resource.
  using Check = std::function<absl::Status(const Document&, absl::string_view pointer)>;

  // Without a `check` documents are taken as they are, and resources have no metaschema.
  Documents(Options options, Check check)
      : options_(std::move(options)), check_(std::move(check)) {}

  // Makes `json` the document at `url`.
  absl::Status Add(const std::string& url, absl::string_view json);
  absl::StatusOr<Document*> Load(const std::string& url);
  // Where `reference` in a schema of `from` leads, which need not exist.
  absl::StatusOr<Place> Resolve(Document& document, const Resource& from,
                                absl::string_view reference);
  // Makes the value at `pointer` a known subschema of the document and returns it.
  absl::StatusOr<const Value*> Subschema(Document& document, const std::string& pointer);

 private:
  absl::StatusOr<std::shared_ptr<const JsonText>> Read(const std::string& url);
  absl::StatusOr<std::string> Fetch(absl::string_view url);
  absl::Status Collect(Document& document, const Value& schema, const std::string& base,
                       const std::string& pointer, const Dialect& fallback);
  absl::Status CollectObject(Document& document, const Value& schema, std::string base,
                             const std::string& pointer, const Dialect& fallback);
  absl::Status CollectAnchors(Document& document, const Value& schema, const std::string& pointer,
                              Resource& resource);
  absl::Status CollectSubschemas(Document& document, const Value& schema, const std::string& base,
                                 const std::string& pointer, const Draft& draft,
                                 const Dialect& dialect);
  absl::Status AddResource(Document& document, const Value& schema, const std::string& id,
                           const std::string& pointer, bool own_dialect, const Draft& draft,
                           const Dialect& fallback);
  absl::StatusOr<const Draft*> DraftOf(absl::string_view url, absl::string_view pointer,
                                       const Value& schema, const Draft& fallback);
  absl::StatusOr<Dialect> DialectOf(const Value& schema, const Draft& draft);
  absl::StatusOr<Place> AtFragment(Document& document, const Resource& resource,
                                   absl::string_view fragment);
  absl::Status Charge(absl::string_view pointer);

  const Options options_;
  const Check check_;
  absl::flat_hash_map<std::string, std::shared_ptr<const JsonText>> texts_;
  absl::flat_hash_map<std::string, std::unique_ptr<Document>> documents_;
  std::vector<std::unique_ptr<Node>> composed_metaschemas_;
  size_t schemas_ = 0;
  size_t pointer_bytes_ = 0;
};

// The metaschema of `dialect`; a new one in `made` if it is one of chosen vocabularies.
const Node* MetaschemaOf(const Dialect& dialect, std::vector<std::unique_ptr<Node>>& made);

}  // namespace sluice::jsonschema
