// From the text of a schema to nodes that can be evaluated.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/jsonschema/documents.h"
#include "common/jsonschema/node.h"
#include "common/jsonschema/schema.h"

namespace sluice::jsonschema {

// Owns what it compiles.
class Compiler {
 public:
  enum class Purpose {
    kSchema,      // checked against its metaschema; formats are asserted where the draft says so
    kMetaschema,  // taken as it is; formats are asserted
  };

  Compiler(const Options& options, Purpose purpose);

  // Makes `json` the document at `url`.
  absl::Status Add(const std::string& url, absl::string_view json) {
    return documents_.Add(url, json);
  }
  // The root of the document at `url`, and everything it leads to.
  absl::StatusOr<const Node*> Compile(const std::string& url);

 private:
  friend class KeywordReader;

  absl::Status Check(const Document& document, absl::string_view pointer) const;
  // The node at `pointer`; it is compiled later.
  Node* At(Document& document, const std::string& pointer);
  absl::Status Fill(Document& document, Node& node);

  const Purpose purpose_;
  const Limits limits_;
  Documents documents_;
  struct Pending {
    Document* document;
    Node* node;
  };
  std::deque<Pending> pending_;
  std::vector<std::unique_ptr<Node>> nodes_;
  absl::flat_hash_map<std::string, Node*> by_location_;
  size_t pointer_bytes_ = 0;
};

}  // namespace sluice::jsonschema
