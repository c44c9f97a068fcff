// SPDX-License-Identifier: Apache-2.0
#include "common/helm/functions.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/document.h"
#include "common/gotmpl/error.h"
#include "common/gotmpl/parser.h"
#include "common/gotmpl/template_set.h"
#include "common/helm/engine_error.h"
#include "common/sprig/sprig.h"
#include "common/text/quote.h"

namespace sluice::helm {
namespace {

using gotmpl::Call;
using gotmpl::Function;
using gotmpl::TemplateSet;
using gotmpl::Value;
namespace types = gotmpl::types;

using Result = absl::StatusOr<Value>;

constexpr int kMaxIncludes = 1000;
constexpr absl::string_view kTplName = "gotpl";  // the name of the root of all templates

RenderSession& SessionOf(Call& call) { return static_cast<RenderSession&>(call.session()); }

Result Include(Call& call) {
  int& running = SessionOf(call).includes()[call.text(0)];
  if (running > kMaxIncludes) {
    return gotmpl::Wrap(
        absl::StrCat("rendering template has a nested reference name: ", call.text(0), ": "),
        absl::InvalidArgumentError("unable to execute template"));
  }
  ++running;
  std::string out;
  const absl::Status status = call.templates()->Execute(call.text(0), call[1], call.session(), out);
  // Not `running`: other includes may have moved it.
  --SessionOf(call).includes()[call.text(0)];
  if (!status.ok()) return status;
  return Value::String(std::move(out));
}

// The text of a template that is nothing but text.
std::string PlainText(const gotmpl::Template& parsed) {
  std::string text;
  parsed.body.Write(text);
  return text;
}

Result Tpl(Call& call) {
  const absl::string_view text = call.text(0);
  if (!absl::StrContains(text, "{{")) return Value::String(WithoutNoValue(std::string(text)));
  const TemplateSet& outer = *call.templates();
  auto parsed = gotmpl::ParseTemplates(kTplName, text, outer.functions());
  if (!parsed.ok()) {
    return gotmpl::Wrap(absl::StrCat("cannot parse template ", text::Quote(text), ": "),
                        parsed.status());
  }
  const auto main = parsed->find(std::string(kTplName));
  // A blank text would not replace the text of a tpl around this one.
  if (main == parsed->end() || main->second->IsBlank()) {
    return Value::String(main == parsed->end() ? "" : PlainText(*main->second));
  }
  TemplateSet inner = outer;
  inner.Add(*parsed);
  std::string out;
  const absl::Status status = inner.Execute(kTplName, call[1], call.session(), out);
  if (!status.ok()) {
    return gotmpl::Wrap(
        absl::StrCat("error during tpl function execution for ", text::Quote(text), ": "), status);
  }
  return Value::String(WithoutNoValue(std::move(out)));
}

Result Required(Call& call) {
  const Value& value = call[1];
  if (value.is_untyped_nil() || (value.type() == &types::kString && value.size() == 0)) {
    return absl::InvalidArgumentError(MarkMessage(call.text(0)));
  }
  return value;
}

Result Fail(Call& call) { return absl::InvalidArgumentError(MarkMessage(call.text(0))); }

Result FindObject(Call& call) {
  Lookup* const lookup = SessionOf(call).lookup();
  if (lookup == nullptr) return Value::NewMap();
  ASSIGN_OR_RETURN(const ::sluice::Value found,
                   lookup->Find(call.text(0), call.text(1), call.text(2), call.text(3)));
  if (!found.is_object()) return Value::NewMap();
  return gotmpl::FromDocument(found, gotmpl::Numbers::kIntegers);
}

std::vector<Function> HelmFunctions() {
  return {
      {.name = "include",
       .parameters = {&types::kString, &types::kAny},
       .result = &types::kString,
       .doc = "The text of the template of that name, run with the value.",
       .code = Include},
      {.name = "tpl",
       .parameters = {&types::kString, &types::kAny},
       .result = &types::kString,
       .doc = "The text run as a template with the value.",
       .code = Tpl},
      {.name = "required",
       .parameters = {&types::kString, &types::kAny},
       .doc = "The value; an error with that message if it is nil or an empty text.",
       .code = Required},
      {.name = "fail",
       .parameters = {&types::kString},
       .result = &types::kString,
       .doc = "An error with that message.",
       .code = Fail},
      {.name = "lookup",
       .parameters = {&types::kString, &types::kString, &types::kString, &types::kString},
       .result = &types::kMap,
       .doc = "An object of the cluster by apiVersion, kind, namespace and name.",
       .code = FindObject},
  };
}

}  // namespace

std::string WithoutNoValue(std::string text) {
  constexpr absl::string_view kNoValue = "<no value>";
  if (!absl::StrContains(text, kNoValue)) return text;
  return absl::StrReplaceAll(text, {{kNoValue, ""}});
}

const gotmpl::FunctionTable& ChartFunctions(Dialect dialect) {
  static const auto make = [](sprig::Dialect sprig_dialect) {
    auto* const table = new gotmpl::FunctionTable();
    sprig::AddFunctions(*table, sprig_dialect);
    table->Add(HelmFunctions());
    return table;
  };
  static const gotmpl::FunctionTable& helm3 = *make(sprig::Dialect::kHelm3);
  static const gotmpl::FunctionTable& helm4 = *make(sprig::Dialect::kHelm4);
  return dialect == Dialect::kHelm3 ? helm3 : helm4;
}

}  // namespace sluice::helm
