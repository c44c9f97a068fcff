// SPDX-License-Identifier: Apache-2.0
#include "cli/get/get.h"

#include <algorithm>
#include <iostream>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/get/listing.h"
#include "cli/kinds.h"
#include "cli/live_objects.h"
#include "cli/objects.h"
#include "cli/rpc/sync_status.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "common/base/clock.h"
#include "common/base/steady_clock.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"

namespace sluice::cli {
namespace {

struct GetOptions {
  ConnectionOptions connection;
  std::vector<std::string> words;  // kinds and name, as typed
  bool all_namespaces = false;
  bool watch = false;
  bool no_header = false;
  std::string label_selector;
  std::string status_selector;
  std::string output;     // "", "wide", "json", "yaml", "name"
  ServerOptions servers;  // controllers to ask; no address: the Kubernetes API
};

struct Question {
  KindWords words;
  std::string ns;  // empty: all
  std::optional<StatusSelector> status;
  ListingOptions listing;
};

absl::StatusOr<Question> ParseQuestion(const std::string& ns, const GetOptions& options) {
  Question question;
  ASSIGN_OR_RETURN(question.words, ParseKindWords("get", options.words));
  if (options.all_namespaces && !question.words.name.empty()) {
    return UsageError("a name and --all-namespaces do not go together");
  }
  if (!options.status_selector.empty()) {
    ASSIGN_OR_RETURN(question.status, StatusSelector::Parse(options.status_selector));
  }
  question.ns = options.all_namespaces ? "" : ns;
  question.listing = {.with_namespace = options.all_namespaces,
                      .with_kind = question.words.all,
                      .with_header = !options.no_header,
                      .wide = options.output == "wide"};
  return question;
}

bool Wanted(const Question& question, const Value& object) {
  if (!question.words.name.empty() && kube::Name(object) != question.words.name) return false;
  return !question.status.has_value() || question.status->Matches(object);
}

std::string NothingFound(const Question& question) {
  const std::string kind = question.words.views[0]->resource;
  if (!question.words.name.empty()) {
    return absl::StrCat(kind, " object '", question.words.name, "' not found in \"", question.ns,
                        "\" namespace");
  }
  return absl::StrCat(
      "no ", kind, " objects found",
      question.ns.empty() ? "" : absl::StrCat(" in \"", question.ns, "\" namespace"));
}

absl::StatusOr<std::vector<Section>> Read(const Context& ctx, Connection& connection,
                                          const GetOptions& options, const Question& question) {
  std::vector<Section> sections;
  for (const KindView* view : question.words.views) {
    auto list = connection.client->List(ctx, view->Resource(), question.ns,
                                        {.label_selector = options.label_selector});
    if (!list.ok()) {
      // A kind without CRD has no objects; asked for by name, that is worth saying.
      if (question.words.all && absl::IsNotFound(list.status())) continue;
      if (!absl::IsNotFound(list.status())) return list.status();
      return WithMessage(list.status(), absl::StrCat("the cluster has no kind ", view->resource,
                                                     "; apply charts/sluice/crds first"));
    }
    Section section{view, {}};
    for (Value& item : list->items) {
      if (!Wanted(question, item)) continue;
      section.objects.push_back(std::make_shared<const Value>(std::move(item)));
    }
    SortByName(section.objects);
    sections.push_back(std::move(section));
  }
  return sections;
}

// Every change as one row, the header once: for pipes and logs.
absl::Status AppendRows(const Context& ctx, LiveObjects& live, const Question& question) {
  ListingOptions listing = question.listing;
  std::string last_kind;
  while (true) {
    const std::vector<LiveChange> changes = live.Wait(ctx, absl::InfiniteFuture());
    RETURN_IF_ERROR(ctx.Check());
    for (const LiveChange& change : changes) {
      if (change.gone || !Wanted(question, *change.object)) continue;
      listing.with_header = question.listing.with_header && last_kind.empty();
      last_kind = change.view->resource;
      const Section section{change.view, {change.object}};
      std::cout << FormatListing({&section, 1}, listing, RealClock().Now(), Style()) << std::flush;
    }
  }
}

absl::Status Repaint(const Context& ctx, LiveObjects& live, const Question& question,
                     std::span<const KindView* const> views) {
  Screen screen;
  while (true) {
    std::vector<Section> sections;
    for (const KindView* view : views) {
      Section section{view, live.List(*view)};
      std::erase_if(section.objects,
                    [&](const kube::ObjectPtr& object) { return !Wanted(question, *object); });
      sections.push_back(std::move(section));
    }
    const Style style = StandardOutputStyle();  // anew: the window may have changed its size
    std::string text = FormatListing(sections, question.listing, RealClock().Now(), style);
    if (text.empty()) text = "nothing yet\n";
    screen.Paint(text, style);
    // Ages go on also when nothing changes.
    live.Wait(ctx, SteadyClock().Now() + absl::Seconds(1));
    RETURN_IF_ERROR(ctx.Check());
  }
}

absl::Status Watch(const Context& ctx, Connection& connection, const GetOptions& options,
                   const Question& question) {
  if (!options.output.empty() && options.output != "wide") {
    return UsageError(absl::StrCat("--watch shows a table, not -o ", options.output));
  }
  ASSIGN_OR_RETURN(const std::vector<const KindView*> views,
                   Served(ctx, connection, question.words.views));
  LiveObjects live(
      connection, views,
      {.ns = question.ns, .label_selector = options.label_selector, .field_selector = ""});
  RETURN_IF_ERROR(live.Start(ctx, options.connection.timeout));
  if (!StandardOutputStyle().terminal) return AppendRows(ctx, live, question);
  return Repaint(ctx, live, question, views);
}

absl::Status Show(const GetOptions& options, const Question& question,
                  std::span<const Section> sections) {
  const bool nothing = std::all_of(sections.begin(), sections.end(),
                                   [](const Section& section) { return section.objects.empty(); });
  if (nothing && !question.words.all) return absl::NotFoundError(NothingFound(question));
  if (options.output.empty() || options.output == "wide") {
    std::cout << FormatListing(sections, question.listing, RealClock().Now(),
                               StandardOutputStyle());
  } else {
    std::cout << FormatObjects(sections, options.output, !question.words.name.empty());
  }
  return absl::OkStatus();
}

// What the controllers at `options.servers` know, by kind.
absl::StatusOr<std::vector<Section>> ReadFromServers(const Context& ctx, const GetOptions& options,
                                                     const Question& question) {
  SyncStatusQuestion asked{{}, question.ns, options.label_selector};
  std::vector<Section> sections;
  for (const KindView* view : question.words.views) {
    asked.kinds.push_back(view->resource);
    sections.push_back({view, {}});
  }
  ASSIGN_OR_RETURN(const Secret token, ReadServerToken(options.servers));
  for (const std::string& server : options.servers.addresses) {
    ASSIGN_OR_RETURN(const std::vector<kube::ObjectPtr> objects,
                     ListSyncStatus(ctx, options.servers, server, token, asked));
    for (const kube::ObjectPtr& object : objects) {
      if (!Wanted(question, *object)) continue;
      for (Section& section : sections) {
        if (section.view->resource == (*object)["kind"].str()) section.objects.push_back(object);
      }
    }
  }
  for (Section& section : sections) SortByName(section.objects);
  return sections;
}

absl::Status Get(const Context& ctx, Connection& connection, const GetOptions& options) {
  ASSIGN_OR_RETURN(const Question question, ParseQuestion(connection.ns, options));
  if (options.watch) return Watch(ctx, connection, options, question);

  const Context limited = ctx.WithTimeout(options.connection.timeout);
  ASSIGN_OR_RETURN(const std::vector<Section> sections,
                   Read(limited, connection, options, question));
  return Show(options, question, sections);
}

// The same from the controllers at `options.servers`, without a cluster connection.
absl::Status GetFromServers(const Context& ctx, const GetOptions& options) {
  if (options.watch || (!options.output.empty() && options.output != "wide")) {
    return UsageError("--server gives the table only: whole objects and watches need the cluster");
  }
  ASSIGN_OR_RETURN(const std::string ns, NamespaceOf(options.connection));
  ASSIGN_OR_RETURN(const Question question, ParseQuestion(ns, options));
  const Context limited = ctx.WithTimeout(options.connection.timeout);
  ASSIGN_OR_RETURN(const std::vector<Section> sections,
                   ReadFromServers(limited, options, question));
  return Show(options, question, sections);
}

int RunGet(const GetOptions& options) {
  // Before a kubeconfig is looked for: what is wrong with the words is worth saying first.
  const absl::Status words = ParseKindWords("get", options.words).status();
  if (!words.ok()) return Report(words);
  if (options.servers.addresses.empty()) return RunConnected(options, Get);
  return Run([&options](const Context& ctx) { return GetFromServers(ctx, options); });
}

}  // namespace

void AddGet(Command& command) {
  const auto options = std::make_shared<GetOptions>();
  Command& get = command.Sub(
      "get", "Shows objects and whether they are ready: get all, get ks, get sources git NAME",
      [options] { return RunGet(*options); });
  get.Positionals("KIND", options->words,
                  "all | sources [git|oci|bucket|helm|chart|external|all] | kustomizations (ks) | "
                  "helmreleases (hr) | images [repository|policy|update|all], then a name");
  AddConnectionFlags(get, options->connection);
  CompleteObjects(get, options->connection, options->words);
  get.Bool("-A,--all-namespaces", options->all_namespaces, "objects of all namespaces");
  get.Bool("-w,--watch", options->watch, "go on, showing every change");
  get.Text("-l,--label-selector", options->label_selector, "only objects with these labels");
  get.Text("--status-selector", options->status_selector, "Ready=False, Ready!=True …");
  ServerOptions& servers = options->servers;
  get.List("--server", servers.addresses,
           "gRPC address of a controller to ask instead of the Kubernetes API; may be repeated");
  get.Text("--server-ca-file", servers.ca_file, "PEM file that verifies it; without, plain text");
  get.Text("--server-name", servers.name, "name in its certificate; default: that of the address");
  get.Text("--server-token-file", servers.token_file, "file with a bearer token for it");
  get.Bool("--no-header", options->no_header, "leave out the line of column names");
  get.Choice("-o,--output", options->output, {"", "wide", "json", "yaml", "name"},
             "form of output");
}

}  // namespace sluice::cli
