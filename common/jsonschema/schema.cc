// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/schema.h"

#include <vector>

#include "common/base/status_macros.h"
#include "common/jsonschema/compiler.h"
#include "common/jsonschema/evaluation.h"
#include "common/jsonschema/failure.h"

namespace sluice::jsonschema {

struct Schema::Compiled {
  explicit Compiled(const Options& options)
      : limits(options.limits), compiler(options, Compiler::Purpose::kSchema) {}

  const Limits limits;
  Compiler compiler;
  const Node* root = nullptr;
};

absl::StatusOr<Schema> Schema::Parse(absl::string_view json, const Options& options) {
  auto compiled = std::make_shared<Compiled>(options);
  RETURN_IF_ERROR(compiled->compiler.Add(options.url, json));
  ASSIGN_OR_RETURN(compiled->root, compiled->compiler.Compile(options.url));
  return Schema(std::move(compiled));
}

absl::Status Schema::Validate(const Value& instance) const {
  const Limits& limits = compiled_->limits;
  Evaluation evaluation(limits, nullptr);
  ASSIGN_OR_RETURN(const std::vector<FailurePtr> failures,
                   evaluation.Run(*compiled_->root, instance));
  if (failures.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      TextOf(failures, {limits.max_findings, limits.max_message_bytes}));
}

}  // namespace sluice::jsonschema
