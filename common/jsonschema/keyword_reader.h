// Reads the keywords of one schema object into its node.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/jsonschema/compiler.h"

namespace sluice::jsonschema {

class KeywordReader {
 public:
  KeywordReader(Compiler& compiler, Document& document, const Resource& resource,
                const Value& schema, Node& node)
      : compiler_(compiler),
        document_(document),
        resource_(resource),
        schema_(schema),
        node_(node) {}

  absl::Status Run();

 private:
  // By families, which are also those of the vocabularies. What has no effect is not read.
  absl::Status ReadReferences();
  void ReadLogic();
  void ReadLaterSubschemas();
  absl::Status ReadObjectSubschemas();
  void ReadDependencies();
  void ReadArraySubschemas();
  void ReadUnevaluated();
  absl::Status ReadAssertions();
  absl::Status ReadNumbers();
  absl::Status ReadStrings();
  void ReadArrayCounts();
  void ReadObjectCounts();
  void ReadFormat();

  // The subschema or subschemas of a keyword; none if it is absent.
  const Node* One(absl::string_view keyword);
  std::vector<const Node*> List(absl::string_view keyword);
  ByName<const Node*> Named(absl::string_view keyword);
  absl::StatusOr<const Node*> Referred(absl::string_view keyword);
  absl::StatusOr<text::Regexp> Pattern(absl::string_view expression, absl::string_view keyword);

  absl::StatusOr<std::optional<Number>> NumberOf(absl::string_view keyword) const;
  std::optional<int64_t> Count(absl::string_view keyword) const;
  std::optional<bool> Boolean(absl::string_view keyword) const;
  bool Has(absl::string_view vocabulary) const { return resource_.dialect.Has(vocabulary); }

  ObjectRules& Object();
  ArrayRules& Array();
  LogicRules& Logic();

  Compiler& compiler_;
  Document& document_;
  const Resource& resource_;
  const Value& schema_;
  Node& node_;
};

}  // namespace sluice::jsonschema
