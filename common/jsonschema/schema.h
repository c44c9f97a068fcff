// JSON Schema, as Helm checks a chart's values.schema.json: the drafts 4, 6, 7, 2019-09 and
// 2020-12, and for every refusal the text that the reference prints (santhosh-tekuri/jsonschema
// v6.0.3, which Helm 3.22 and 4.2 build on). Why not a library: docs/adr/0013-jsonschema.md.
//
//   ASSIGN_OR_RETURN(const Schema schema, Schema::Parse(chart.schema()));
//   RETURN_IF_ERROR(schema.Validate(values));
//
// A refusal has one line for each finding, findings below others two blanks further in:
//
//   - at '/image': 'anyOf' failed
//     - at '/image': got object, want string
//     - at '/image/tag': minLength: got 0, want 1
//
// Where the reference's order is that of a Go map, and so differs from run to run (properties of
// the instance, patterns, dependencies), ours is that of the keys.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::jsonschema {

// Bounds on what a schema from outside may cost. What exceeds one is refused with kOutOfRange and
// the name of the limit, except for findings, of which the first ones are told.
struct Limits {
  size_t max_schema_bytes = 5 << 20;  // of one document; also what Helm takes for a chart's file
  size_t max_documents = 32;          // loaded through Options::load
  size_t max_schemas = 200'000;       // subschemas of all documents together
  size_t max_depth = 2'000;           // subschemas being evaluated inside one another
  size_t max_steps = 1'000'000;       // subschemas applied to values, of one document or instance;
                                      // ten times what any chart of the corpus takes
  size_t max_findings = 1'000;        // lines of a refusal
  size_t max_message_bytes = 256 << 10;
};

struct Options {
  // Against which relative references resolve, and which messages name.
  std::string url = "file:///values.schema.json";
  // The text of the document at `url` (absolute, without a fragment), for references to other
  // documents. Without it only the drafts' own schemas are known: file: URLs are reported as files
  // that do not exist, http: and https: ones as not fetched. Unresolved urn: references accept
  // everything, as in Helm, whether or not there is a loader.
  std::function<absl::StatusOr<std::string>(absl::string_view url)> load;
  Limits limits;
};

// Immutable, cheap to copy; safe to use from several threads.
class Schema {
 public:
  // Reads, checks and compiles a schema. kInvalidArgument with the reference's words if the text is
  // no JSON, is not valid against its draft's schema or has a reference that leads nowhere. The
  // message ends without a line feed.
  static absl::StatusOr<Schema> Parse(absl::string_view json, const Options& options = {});

  // kInvalidArgument with the findings if `instance` is not valid. The message ends without a line
  // feed; Helm adds one to these, but none to Parse's.
  absl::Status Validate(const Value& instance) const;

 private:
  struct Compiled;
  explicit Schema(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace sluice::jsonschema
