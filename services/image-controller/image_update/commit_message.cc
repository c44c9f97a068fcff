// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_update/commit_message.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/api/meta/reason.h"
#include "common/base/status.h"
#include "common/gotmpl/function.h"
#include "common/gotmpl/session.h"
#include "common/gotmpl/template_set.h"
#include "common/sprig/sprig.h"
#include "common/template_environment/system_environment.h"
#include "services/image-controller/image_update/message_objects.h"

namespace sluice::image_controller {
namespace {

constexpr char kTemplateName[] = "commit message";
// A message is read by people; these are far above any in use.
constexpr gotmpl::Limits kLimits = {.steps = 2'000'000,
                                    .iterations = 500'000,
                                    .output_bytes = 1 << 20,
                                    .function_bytes = 64ULL << 20,
                                    .elements = 2'000'000};

// What sprig's HermeticTxtFuncMap leaves out of its functions, as it depends on where and when the
// template runs; and what Helm adds to them.
constexpr const char* kAbsent[] = {
    "date",           "date_in_zone",  "date_modify",   "now",          "htmlDate",
    "htmlDateInZone", "dateInZone",    "dateModify",    "randAlphaNum", "randAlpha",
    "randAscii",      "randNumeric",   "randBytes",     "uuidv4",       "env",
    "expandenv",      "getHostByName", "toYaml",        "mustToYaml",   "toYamlPretty",
    "fromYaml",       "fromYamlArray", "fromJsonArray", "toToml",       "mustToToml",
    "fromToml"};

gotmpl::FunctionTable* MakeFunctions() {
  auto* table = new gotmpl::FunctionTable();
  sprig::AddFunctions(*table);
  for (const char* name : kAbsent) table->Remove(name);
  return table;
}

struct RemovedField {
  const char* error;
  const char* advice;
};
constexpr RemovedField kRemoved[] = {
    {"can't evaluate field Updated in ",
     "template uses removed '.Updated' field. Please use '.Changed' instead"},
    {"can't evaluate field ImageResult in ",
     "template uses removed '.Changed.ImageResult' field. Please use '.Changed.FileChanges', "
     "'.Changed.Objects' or '.Changed.Changes' instead"}};

absl::Status Explained(const absl::Status& error) {
  for (const RemovedField& removed : kRemoved) {
    if (!absl::StrContains(error.message(), removed.error)) continue;
    return api::Stalling(
        api::WithReason(absl::InvalidArgumentError(removed.advice), "RemovedTemplateField"));
  }
  return Annotate(error, "failed to run template from spec");
}

}  // namespace

const gotmpl::FunctionTable& MessageFunctions() {
  static const gotmpl::FunctionTable* const kTable = MakeFunctions();
  return *kTable;
}

absl::StatusOr<std::string> RenderMessage(absl::string_view text, const MessageData& data) {
  if (text.empty()) return std::string(kDefaultMessage);
  gotmpl::TemplateSet set(kTemplateName, MessageFunctions());
  if (const absl::Status parsed = set.Parse(kTemplateName, text); !parsed.ok()) {
    return Annotate(parsed, "unable to create commit message template from spec");
  }
  template_environment::SystemEnvironment environment;
  gotmpl::Session session(kLimits, &environment);
  std::string message;
  const absl::Status executed = set.Execute(kTemplateName, MessageObject(data), session, message);
  if (!executed.ok()) return Explained(executed);
  return message;
}

}  // namespace sluice::image_controller
