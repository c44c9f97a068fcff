// SPDX-License-Identifier: Apache-2.0
#include "cli/inspect/why.h"

#include <iostream>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "cli/connection.h"
#include "cli/kinds.h"
#include "cli/run.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/explain/live_cluster.h"
#include "common/explain/references.h"
#include "common/value/json.h"

namespace sluice::cli {
namespace {

struct Options {
  ConnectionOptions connection;
  std::vector<std::string> words;
  std::string output;
};

const char* Name(explain::Verdict verdict) {
  switch (verdict) {
    case explain::Verdict::kHealthy:
      return "healthy";
    case explain::Verdict::kProgressing:
      return "progressing";
    case explain::Verdict::kFailing:
      return "failing";
  }
  return "";
}

Mark MarkOf(explain::Verdict verdict) {
  switch (verdict) {
    case explain::Verdict::kHealthy:
      return Mark::kSuccess;
    case explain::Verdict::kProgressing:
      return Mark::kWaiting;
    case explain::Verdict::kFailing:
      return Mark::kFailure;
  }
  return Mark::kFailure;
}

// A condition's message may have several lines; a step has one.
std::string OneLine(const std::string& text) {
  return absl::StrReplaceAll(std::string(absl::StripAsciiWhitespace(text)), {{"\n", " "}});
}

// Whether the last step says so already, with its reason.
bool IsSaid(const explain::Explanation& why) {
  const explain::Step& last = why.path.back();
  const absl::string_view message =
      absl::StripPrefix(why.summary, absl::StrCat(last.object.Subject(), ": "));
  return absl::EndsWith(last.state, message);
}

absl::Status Why(const Context& ctx, Connection& connection, const Options& options) {
  ASSIGN_OR_RETURN(const KindNames asked, ParseKindNames("why", options.words));
  if (asked.names.size() != 1) return UsageError("why takes a kind and one name: why ks NAME");
  const explain::LiveCluster cluster(ctx, *connection.client, *connection.discovery, nullptr);
  ASSIGN_OR_RETURN(
      const explain::Explanation why,
      explain::Explain(explain::OwnObject(asked.view->resource, connection.ns, asked.names[0]),
                       cluster.AsCluster(), RealClock().Now()));
  if (options.output == "json") {
    std::cout << value::FormatJson(ExplanationToValue(why)) << "\n";
  } else {
    std::cout << FormatExplanation(why, StandardOutputStyle());
  }
  return absl::OkStatus();
}

}  // namespace

std::string FormatExplanation(const explain::Explanation& why, const Style& style) {
  std::string text;
  for (size_t i = 0; i < why.path.size(); ++i) {
    const explain::Step& step = why.path[i];
    if (i == 0) {
      absl::StrAppend(&text, style.Of(MarkOf(why.verdict)));
    } else {
      absl::StrAppend(&text, std::string(4 * (i - 1), ' '), "└── ", style.Dim(step.relation), " ");
    }
    absl::StrAppend(&text, style.Bold(step.object.Subject()), ": ", OneLine(step.state), "\n");
  }
  if (why.verdict == explain::Verdict::kHealthy) return absl::StrCat(text, why.summary, "\n");
  absl::StrAppend(&text, "\n", style.Bold("cause: "), why.cause, "\n");
  if (!IsSaid(why)) absl::StrAppend(&text, OneLine(why.summary), "\n");
  if (!why.fix.empty()) absl::StrAppend(&text, style.Bold("fix: "), why.fix, "\n");
  return text;
}

Value ExplanationToValue(const explain::Explanation& why) {
  Value path = Value::EmptyArray();
  for (const explain::Step& step : why.path) {
    Value item = {{"object", step.object.Subject()}, {"state", step.state}};
    if (!step.relation.empty()) item.Set("relation", step.relation);
    path.Append(std::move(item));
  }
  return Value{{"verdict", Name(why.verdict)},
               {"path", std::move(path)},
               {"cause", why.cause},
               {"summary", why.summary},
               {"fix", why.fix}};
}

void AddWhy(Command& command) {
  const auto options = std::make_shared<Options>();
  Command& why = command.Sub("why", "Says what keeps an object from being ready: why ks NAME",
                             [options] { return RunConnected(*options, Why); });
  why.Positionals("KIND", options->words, "a kind and a name, as for get");
  AddConnectionFlags(why, options->connection);
  why.Choice("-o,--output", options->output, {"", "json"}, "form of output");
}

}  // namespace sluice::cli
