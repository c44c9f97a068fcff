// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/template_set.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/evaluator.h"
#include "common/text/quote.h"

namespace sluice::gotmpl {

absl::Status TemplateSet::Parse(absl::string_view name, absl::string_view text) {
  ASSIGN_OR_RETURN(const auto parsed, ParseTemplates(name, text, *functions_, parse_limits_));
  Add(parsed);
  return absl::OkStatus();
}

void TemplateSet::Add(const std::map<std::string, std::shared_ptr<const Template>>& parsed) {
  for (const auto& [key, added] : parsed) {
    std::shared_ptr<const Template>& slot = templates_[key];
    if (slot == nullptr || !added->IsBlank()) slot = added;
  }
}

const Template* TemplateSet::Find(absl::string_view name) const {
  const auto entry = templates_.find(name);
  return entry == templates_.end() ? nullptr : entry->second.get();
}

absl::Status TemplateSet::Execute(absl::string_view name, const Value& data, Session& session,
                                  std::string& out) const {
  const Template* start = Find(name);
  if (start == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("template: no template ", text::Quote(name),
                                                   " associated with template ",
                                                   text::Quote(name_)));
  }
  RETURN_IF_ERROR(session.EnterExecution());
  const absl::Status status = Evaluator(*this, session, out).Run(*start, data);
  session.LeaveExecution();
  return status;
}

}  // namespace sluice::gotmpl
