// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/failure.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/text/quote.h"

namespace sluice::jsonschema {
namespace {

class Printer {
 public:
  explicit Printer(const TextLimits& limits) : limits_(limits) {}

  void Print(std::span<const FailurePtr> failures, size_t level) {
    for (const FailurePtr& failure : failures) {
      if (full_) return;
      const bool told = failure->kind != Failure::Kind::kReference || failure->causes.size() != 1;
      if (told) Line(*failure, level);
      Print(failure->causes, told ? level + 1 : level);
    }
  }

  std::string Text() && {
    if (full_)
      absl::StrAppend(&text_, text_.empty() ? "" : "\n", "- further findings are left out");
    return std::move(text_);
  }

 private:
  void Line(const Failure& failure, size_t level) {
    std::string line(2 * level, ' ');
    absl::StrAppend(&line, "- at ", SingleQuoted(failure.location), ": ", failure.message);
    full_ = failure.left_out || ++findings_ > limits_.findings ||
            text_.size() + line.size() >= limits_.bytes;
    if (!full_) absl::StrAppend(&text_, text_.empty() ? "" : "\n", line);
  }

  const TextLimits limits_;
  std::string text_;
  size_t findings_ = 0;
  bool full_ = false;
};

}  // namespace

Failure::Failure(Kind kind, std::string location, std::string message, Ledger* ledger)
    : kind(kind), location(std::move(location)), message(std::move(message)), ledger_(ledger) {
  charged_ = this->location.size() + this->message.size();
  ++ledger_->findings;
  ledger_->bytes += charged_;
}

Failure::~Failure() {
  if (ledger_ == nullptr) return;
  --ledger_->findings;
  ledger_->bytes -= charged_;
}

void Keep(FailurePtr failure, std::vector<FailurePtr>& failures) {
  const bool told = failure->left_out && !failures.empty() && failures.back()->left_out;
  if (!told) failures.push_back(std::move(failure));
}

std::vector<FailurePtr> Ungrouped(FailurePtr failure) {
  if (failure->kind == Failure::Kind::kGroup) return std::move(failure->causes);
  std::vector<FailurePtr> alone;
  alone.push_back(std::move(failure));
  return alone;
}

std::string TextOf(std::span<const FailurePtr> failures, const TextLimits& limits) {
  Printer printer(limits);
  printer.Print(failures, 0);
  return std::move(printer).Text();
}

std::string SingleQuoted(absl::string_view text) {
  // A backslash at the end loses its double, as in the reference: it takes it for part of \".
  const std::string quoted = absl::StrReplaceAll(text::Quote(text), {{"\\\"", "\""}});
  const absl::string_view inner = absl::string_view(quoted).substr(1, quoted.size() - 2);
  return absl::StrCat("'", absl::StrReplaceAll(inner, {{"'", "\\'"}}), "'");
}

std::string JoinQuoted(std::span<const std::string> texts) {
  std::string out;
  for (const std::string& text : texts) {
    absl::StrAppend(&out, out.empty() ? "" : ", ", SingleQuoted(text));
  }
  return out;
}

}  // namespace sluice::jsonschema
