// SPDX-License-Identifier: Apache-2.0
#include "cli/inspect/events.h"

#include <algorithm>
#include <iostream>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/kinds.h"
#include "cli/objects.h"
#include "cli/run.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "common/base/clock.h"
#include "common/base/duration.h"
#include "common/base/human_duration.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::cli {
namespace {

struct Options {
  ConnectionOptions connection;
  std::string about;
  std::vector<std::string> types;
  bool all_namespaces = false;
  bool watch = false;
};

// Events of one kind, or of one object of it; of everything if `kind` is empty.
struct Scope {
  std::string kind;
  std::string name;
  std::string ns;  // empty: all

  std::string FieldSelector() const {
    if (kind.empty()) return "";
    const std::string of_kind = absl::StrCat("involvedObject.kind=", kind);
    return name.empty() ? of_kind : absl::StrCat(of_kind, ",involvedObject.name=", name);
  }
};

struct Question {
  std::vector<Scope> scopes;
  std::vector<std::string> types;
  bool with_namespace = false;
};

const kube::Resource& EventResource() {
  static const auto* const kResource = new kube::Resource{"", "v1", "events", "Event", true};
  return *kResource;
}

// Our kinds, and those of Flux's notification-controller.
std::string KindNamed(absl::string_view word) {
  for (const KindView& view : AllViews()) {
    if (absl::EqualsIgnoreCase(word, view.resource)) return view.resource;
  }
  for (const absl::string_view kind : {"Alert", "Provider", "Receiver"}) {
    if (absl::EqualsIgnoreCase(word, kind)) return std::string(kind);
  }
  return "";
}

// What an object depends on: its source, and of a chart that one's source.
absl::StatusOr<std::vector<Target>> References(const Context& ctx, Connection& connection,
                                               const Target& target) {
  ASSIGN_OR_RETURN(const Value object, FindObject(ctx, connection, target));
  std::vector<Target> references;
  const auto source = SourceOf(target, object);
  if (!source.ok()) return references;
  references.push_back(*source);
  if (target.view->resource == "HelmRelease" && source->view->resource == "HelmChart") {
    const Value& reference = object["spec"]["chart"]["spec"]["sourceRef"];
    if (const KindView* view = FindView(reference["kind"].str()); view != nullptr) {
      references.push_back({view, {source->key.ns, std::string(reference["name"].str())}});
    }
  }
  return references;
}

absl::StatusOr<Question> ParseQuestion(const Context& ctx, Connection& connection,
                                       const Options& options) {
  Question question;
  for (const std::string& type : options.types) {
    if (!absl::EqualsIgnoreCase(type, "Normal") && !absl::EqualsIgnoreCase(type, "Warning")) {
      return UsageError(
          absl::StrCat("type '", type, "' not supported. Supported types are Normal, Warning"));
    }
    question.types.push_back(absl::AsciiStrToLower(type));
  }
  question.with_namespace = options.all_namespaces;
  Scope scope{"", "", options.all_namespaces ? "" : connection.ns};
  if (options.about.empty()) {
    question.scopes.push_back(std::move(scope));
    return question;
  }
  const std::pair<std::string, std::string> about =
      absl::StrSplit(options.about, absl::MaxSplits('/', 1));
  scope.kind = KindNamed(about.first);
  scope.name = about.second;
  if (scope.kind.empty()) {
    return UsageError(absl::StrCat("'", about.first, "' is not a recognized Flux kind"));
  }
  question.scopes.push_back(scope);
  const KindView* view = FindView(scope.kind);
  if (scope.name.empty() || view == nullptr) return question;
  ASSIGN_OR_RETURN(const std::vector<Target> references,
                   References(ctx, connection, {view, {connection.ns, scope.name}}));
  for (const Target& reference : references) {
    question.with_namespace |= reference.key.ns != connection.ns;
    question.scopes.push_back({reference.view->resource, reference.key.name, reference.key.ns});
  }
  return question;
}

bool Wanted(const Question& question, const Value& event) {
  if (KindNamed(event["involvedObject"]["kind"].str()).empty()) return false;
  return question.types.empty() ||
         std::find(question.types.begin(), question.types.end(),
                   absl::AsciiStrToLower(event["type"].str())) != question.types.end();
}

// The first of the times that is set, and the past if none is.
absl::Time TimeOf(std::initializer_list<const Value*> times) {
  for (const Value* time : times) {
    if (const auto parsed = ParseRfc3339(time->str()); parsed.ok()) return *parsed;
  }
  return absl::InfinitePast();
}

absl::Time LastTime(const Value& event) {
  return TimeOf({&event["series"]["lastObservedTime"], &event["lastTimestamp"], &event["eventTime"],
                 &event["firstTimestamp"]});
}

std::string Ago(absl::Time time, absl::Time now) {
  return time == absl::InfinitePast() ? "<unknown>" : HumanDuration(now - time);
}

// "3m", or "3m (x5 over 2h)" of what was seen several times.
std::string LastSeen(const Value& event, absl::Time now) {
  const std::string first = Ago(TimeOf({&event["eventTime"], &event["firstTimestamp"]}), now);
  const int64_t count = std::max(event["series"]["count"].int_or(0), event["count"].int_or(0));
  if (count <= 1) return first;
  return absl::StrCat(Ago(LastTime(event), now), " (x", count, " over ", first, ")");
}

std::vector<std::string> Row(const Value& event, bool with_namespace, absl::Time now) {
  const Value& about = event["involvedObject"];
  std::vector<std::string> row;
  if (with_namespace) row.emplace_back(kube::Namespace(event));
  row.insert(row.end(), {LastSeen(event, now), std::string(event["type"].str()),
                         std::string(event["reason"].str()),
                         absl::StrCat(about["kind"].str(), "/", about["name"].str()),
                         absl::StrReplaceAll(event["message"].str(), {{"\n", " "}})});
  return row;
}

Table EmptyTable(const Question& question) {
  Table table;
  if (question.with_namespace) table.header.push_back("Namespace");
  table.header.insert(table.header.end(), {"Last seen", "Type", "Reason", "Object", "Message"});
  return table;
}

absl::StatusOr<std::string> List(const Context& ctx, Connection& connection,
                                 const Question& question, std::vector<Value>& events) {
  std::string version;
  for (const Scope& scope : question.scopes) {
    ASSIGN_OR_RETURN(kube::ObjectList list,
                     connection.client->List(ctx, EventResource(), scope.ns,
                                             {.field_selector = scope.FieldSelector()}));
    if (version.empty()) version = list.resource_version;
    for (Value& event : list.items) {
      if (Wanted(question, event)) events.push_back(std::move(event));
    }
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const Value& a, const Value& b) { return LastTime(a) < LastTime(b); });
  return version;
}

// A row for every event from `version` on.
absl::Status Follow(const Context& ctx, Connection& connection, const Question& question,
                    std::string version) {
  // One watch for all scopes, which are few: what is of no scope is left out here.
  const bool one = question.scopes.size() == 1;
  const Scope watched = one ? question.scopes[0] : Scope{};
  const auto in_scope = [&](const Value& event) {
    return std::any_of(question.scopes.begin(), question.scopes.end(), [&](const Scope& scope) {
      const Value& about = event["involvedObject"];
      return (scope.ns.empty() || kube::Namespace(event) == scope.ns) &&
             (scope.kind.empty() || about["kind"].str() == scope.kind) &&
             (scope.name.empty() || about["name"].str() == scope.name);
    });
  };
  while (true) {
    const absl::Status status = connection.client->Watch(
        ctx, EventResource(), watched.ns,
        {.field_selector = watched.FieldSelector(), .resource_version = version},
        [&](const kube::WatchEvent& change) {
          version = std::string(kube::ResourceVersion(change.object));
          if (change.type != kube::WatchEventType::kAdded &&
              change.type != kube::WatchEventType::kModified) {
            return absl::OkStatus();
          }
          if (!in_scope(change.object) || !Wanted(question, change.object)) {
            return absl::OkStatus();
          }
          Table table = EmptyTable(question);
          table.rows.push_back(Row(change.object, question.with_namespace, RealClock().Now()));
          std::cout << FormatTable(table, /*with_header=*/false, Style()) << std::flush;
          return absl::OkStatus();
        });
    RETURN_IF_ERROR(ctx.Check());
    if (absl::IsOutOfRange(status)) {
      version.clear();  // too old: from now on
    } else {
      RETURN_IF_ERROR(status);
    }
  }
}

absl::Status Events(const Context& ctx, Connection& connection, const Options& options) {
  const Context limited = ctx.WithTimeout(options.connection.timeout);
  ASSIGN_OR_RETURN(const Question question, ParseQuestion(limited, connection, options));
  std::vector<Value> events;
  ASSIGN_OR_RETURN(std::string version, List(limited, connection, question, events));
  Table table = EmptyTable(question);
  const absl::Time now = RealClock().Now();
  for (const Value& event : events) table.rows.push_back(Row(event, question.with_namespace, now));
  if (!events.empty() || options.watch) {
    std::cout << FormatTable(table, /*with_header=*/true, StandardOutputStyle()) << std::flush;
  }
  if (options.watch) return Follow(ctx, connection, question, std::move(version));
  if (events.empty()) {
    PrintFailure(options.all_namespaces
                     ? "No events found."
                     : absl::StrCat("No events found in ", connection.ns, " namespace."));
  }
  return absl::OkStatus();
}

}  // namespace

void AddEvents(Command& command) {
  const auto options = std::make_shared<Options>();
  Command& events = command.Sub("events", "Shows the events about objects",
                                [options] { return RunConnected(*options, Events); });
  AddConnectionFlags(events, options->connection);
  events.Bool("-A,--all-namespaces", options->all_namespaces, "of all namespaces");
  events.Bool("-w,--watch", options->watch, "go on, showing new ones");
  events.Text("--for", options->about,
              "KIND or KIND/NAME: only about these; of one object also what it depends on");
  events.List("--types", options->types, "Normal, Warning");
}

}  // namespace sluice::cli
