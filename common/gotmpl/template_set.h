// Templates that can call each other, and running one of them.
//
//   FunctionTable functions;                      // with text/template's own
//   TemplateSet set("greetings", functions);
//   RETURN_IF_ERROR(set.Parse("hello", "Hello {{ .name }}!"));
//   Session session;
//   std::string out;
//   RETURN_IF_ERROR(set.Execute("hello", data, session, out));

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/base/attributes.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/gotmpl/ast.h"
#include "common/gotmpl/function.h"
#include "common/gotmpl/parser.h"
#include "common/gotmpl/session.h"
#include "common/gotmpl/value.h"

namespace sluice::gotmpl {

// What a field is that a map does not have (the option missingkey).
enum class MissingKey : uint8_t {
  kInvalid,  // nothing at all, printed as <no value>
  kZero,     // the zero value of the map's elements
  kError,
};

// Copies share the parsed templates, and what is parsed into one is not seen by others. Several
// threads may execute one set at a time.
class TemplateSet {
 public:
  // `name` is that of Go's root template, for messages. `functions` must outlive the set.
  TemplateSet(std::string name, const FunctionTable& functions,
              MissingKey missing_key = MissingKey::kInvalid, const ParseLimits& limits = {})
      : name_(std::move(name)),
        functions_(&functions),
        missing_key_(missing_key),
        parse_limits_(limits) {}

  // Adds the template `name` and those that it defines. A template replaces an earlier one of its
  // name unless it is blank. kInvalidArgument if the text is no template; nothing is added then.
  absl::Status Parse(absl::string_view name, absl::string_view text);
  // Adds what ParseTemplates() made of a text with the functions of this set; by the same rules.
  void Add(const std::map<std::string, std::shared_ptr<const Template>>& parsed);

  // Null if there is none.
  const Template* Find(absl::string_view name) const ABSL_ATTRIBUTE_LIFETIME_BOUND;
  const std::map<std::string, std::shared_ptr<const Template>, std::less<>>& templates() const {
    return templates_;
  }
  const FunctionTable& functions() const { return *functions_; }
  MissingKey missing_key() const { return missing_key_; }

  // Appends the text of the template to `out`; after an error `out` has the text up to there. The
  // message is text/template's, with template, line, column and the node at fault:
  // `template: t.yaml:3:8: executing "t.yaml" at <upper>: wrong number of args for upper: …`.
  // kResourceExhausted when a limit of the session is passed; functions may add other codes.
  absl::Status Execute(absl::string_view name, const Value& data, Session& session,
                       std::string& out) const;

 private:
  std::string name_;
  const FunctionTable* functions_;
  MissingKey missing_key_;
  ParseLimits parse_limits_;
  std::map<std::string, std::shared_ptr<const Template>, std::less<>> templates_;
};

}  // namespace sluice::gotmpl
