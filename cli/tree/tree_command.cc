// SPDX-License-Identifier: Apache-2.0
#include "cli/tree/tree_command.h"

#include <iostream>
#include <map>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/kinds.h"
#include "cli/live_objects.h"
#include "cli/objects.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "cli/tree/tree.h"
#include "common/base/clock.h"
#include "common/base/parallel.h"
#include "common/base/status_macros.h"
#include "common/value/json.h"

namespace sluice::cli {
namespace {

constexpr size_t kReaders = 4;
// Applied objects are not watched (any kind, any number); they are read this often.
constexpr absl::Duration kRefresh = absl::Milliseconds(500);

struct TreeOptions {
  ConnectionOptions connection;
  std::vector<std::string> words;
  bool all_namespaces = false;
  bool watch = false;
  bool until_ready = false;
  std::string until_revision;
  std::string output;  // "" or "json"
  std::function<absl::Status()> check = [] { return absl::OkStatus(); };
};

struct Question {
  std::string ns;                      // empty: all
  std::optional<kube::ObjectKey> one;  // only this Kustomization
  std::vector<const KindView*> views;
};

absl::StatusOr<Question> ParseQuestion(const Connection& connection, const TreeOptions& options) {
  Question question;
  question.ns = options.all_namespaces ? "" : connection.ns;
  if (!options.words.empty()) {
    ASSIGN_OR_RETURN(const KindWords words, ParseKindWords("tree", options.words));
    if (words.all || words.name.empty() || words.views[0]->resource != "Kustomization") {
      return UsageError("tree takes nothing, or: kustomization NAME");
    }
    question.one = kube::ObjectKey{connection.ns, words.name};
  }
  for (const KindView& view : AllViews()) {
    if (view.group == "image" || view.resource == "HelmChart") continue;
    question.views.push_back(&view);
  }
  return question;
}

// What the inventories of `kustomizations` name, read side by side.
using LiveById = std::map<std::string, kube::ObjectPtr>;
LiveById ReadApplied(const Context& ctx, Connection& connection,
                     const std::vector<kube::ObjectPtr>& kustomizations) {
  ssa::Inventory ids;
  for (const kube::ObjectPtr& kustomization : kustomizations) {
    const auto inventory = ssa::DecodeInventory((*kustomization)["status"]["inventory"]);
    if (inventory.ok()) ids.insert(ids.end(), inventory->begin(), inventory->end());
  }
  std::vector<kube::ObjectPtr> objects(ids.size());
  ParallelFor(ids.size(), kReaders, [&](size_t i) {
    const auto resource = connection.discovery->Resolve(ctx, ids[i].gvk);
    if (!resource.ok()) return true;  // shown as not found
    auto object = connection.client->Get(ctx, *resource, ids[i].key);
    if (object.ok()) objects[i] = std::make_shared<const Value>(*std::move(object));
    return true;
  });
  LiveById result;
  for (size_t i = 0; i < ids.size(); ++i) result[ids[i].ToString()] = objects[i];
  return result;
}

std::vector<TreeNode> Build(const Context& ctx, Connection& connection, const Question& question,
                            const LiveObjects& live) {
  TreeInput input;
  for (const KindView* view : question.views) {
    std::vector<kube::ObjectPtr>& list = view->resource == "Kustomization" ? input.kustomizations
                                         : view->resource == "HelmRelease" ? input.releases
                                                                           : input.sources;
    for (kube::ObjectPtr& object : live.List(*view)) list.push_back(std::move(object));
  }
  const LiveById applied = ReadApplied(ctx, connection, input.kustomizations);
  input.find = [&applied](const ssa::ObjectId& id) {
    const auto it = applied.find(id.ToString());
    return it == applied.end() ? nullptr : it->second;
  };
  input.now = RealClock().Now();
  return question.one.has_value() ? BuildTree(input, *question.one) : BuildTree(input);
}

// Whether every node is ready, and what consumes a source does so at a revision with `revision`.
bool AllReady(std::span<const TreeNode> roots, absl::string_view revision) {
  bool ready = true;
  size_t consumers = 0;
  VisitTree(roots, [&](const TreeNode& node) {
    ready &= node.mark == Mark::kSuccess || node.mark == Mark::kSuspended;
    if (node.kind != "Kustomization" && node.kind != "HelmRelease") return;
    ++consumers;
    ready &= absl::StrContains(node.revision, revision);
  });
  return ready && consumers > 0;
}

// Prints the nodes that differ from what was printed of them before.
class ChangePrinter {
 public:
  void Print(std::span<const TreeNode> roots, absl::Duration elapsed, const Style& style) {
    VisitTree(roots, [&](const TreeNode& node) {
      TreeNode alone = node;
      alone.children.clear();
      const std::string line = FormatTree({&alone, 1}, style);
      std::string& before = printed_[node.Subject()];
      if (before == line) return;
      before = line;
      std::cout << absl::StrFormat("%6.1fs  %s", absl::ToDoubleSeconds(elapsed), line)
                << std::flush;
    });
  }

 private:
  std::map<std::string, std::string> printed_;
};

absl::Status Repaint(const Context& ctx, Connection& connection, const TreeOptions& options,
                     const Question& question, LiveObjects& live) {
  const bool until = options.until_ready || !options.until_revision.empty();
  const Context limited = until ? ctx.WithTimeout(options.connection.timeout) : ctx;
  const absl::Time start = RealClock().Now();
  Screen screen;
  ChangePrinter changes;
  while (true) {
    RETURN_IF_ERROR(options.check());
    const std::vector<TreeNode> roots = Build(limited, connection, question, live);
    if (const absl::Status ended = limited.Check(); !ended.ok()) {
      if (!absl::IsDeadlineExceeded(ended)) return ended;
      return absl::DeadlineExceededError("timed out before everything was ready");
    }
    const absl::Duration elapsed = RealClock().Now() - start;
    const bool done = until && AllReady(roots, options.until_revision);
    Style style = StandardOutputStyle();
    style.marks = true;
    if (style.terminal) {
      const std::string clock = absl::StrFormat("%.1fs", absl::ToDoubleSeconds(elapsed));
      screen.Paint(absl::StrCat(FormatTree(roots, style), style.Dim(clock), "\n"), style);
    } else {
      changes.Print(roots, elapsed, style);
    }
    if (done) return absl::OkStatus();
    live.Wait(limited, RealClock().Now() + kRefresh);
  }
}

absl::Status Tree(const Context& ctx, Connection& connection, const TreeOptions& options) {
  ASSIGN_OR_RETURN(Question question, ParseQuestion(connection, options));
  ASSIGN_OR_RETURN(question.views, Served(ctx, connection, question.views));
  LiveObjects live(connection, question.views,
                   {.ns = question.ns, .label_selector = "", .field_selector = ""});
  RETURN_IF_ERROR(live.Start(ctx, options.connection.timeout));
  if (options.watch || options.until_ready || !options.until_revision.empty()) {
    return Repaint(ctx, connection, options, question, live);
  }
  const std::vector<TreeNode> roots = Build(ctx, connection, question, live);
  if (question.one.has_value() && roots.empty()) {
    return absl::NotFoundError(absl::StrCat("Kustomization object '", question.one->name,
                                            "' not found in \"", question.ns, "\" namespace"));
  }
  if (options.output == "json") {
    std::cout << value::FormatJson(TreeToValue(roots), {.indent = 2, .escape_html = false}) << "\n";
    return absl::OkStatus();
  }
  Style style = StandardOutputStyle();
  style.marks = true;
  for (const TreeNode& root : roots) {
    std::cout << FormatTree({&root, 1}, style);
  }
  if (roots.empty()) std::cout << "nothing is synced\n";
  return absl::OkStatus();
}

void AddQuestionFlags(Command& command, TreeOptions& options) {
  command.Positionals("KIND", options.words, "kustomization (ks) NAME; nothing for all");
  AddConnectionFlags(command, options.connection);
  command.Bool("-A,--all-namespaces", options.all_namespaces, "objects of all namespaces");
  CompleteObjects(command, options.connection, options.words);
}

}  // namespace

absl::Status WatchTree(const Context& ctx, Connection& connection, absl::Duration until_ready,
                       std::function<absl::Status()> check) {
  TreeOptions options;
  options.all_namespaces = true;
  options.watch = true;
  options.until_ready = until_ready > absl::ZeroDuration();
  if (options.until_ready) options.connection.timeout = until_ready;
  options.check = std::move(check);
  return Tree(ctx, connection, options);
}

void AddTree(Command& command) {
  const auto options = std::make_shared<TreeOptions>();
  Command& tree = command.Sub("tree", "Shows sources, what syncs them, and the objects applied",
                              [options] { return RunConnected(*options, Tree); });
  AddQuestionFlags(tree, *options);
  tree.Bool("-w,--watch", options->watch, "repaint as it changes");
  tree.Bool("--until-ready", options->until_ready, "watch until everything is ready");
  tree.Text("--until-revision", options->until_revision,
            "watch until everything is ready at a revision that contains this (a commit id)");
  tree.Choice("-o,--output", options->output, {"", "json"}, "form of output");
}

void AddTop(Command& command) {
  const auto options = std::make_shared<TreeOptions>();
  options->watch = true;
  Command& top = command.Sub("top", "Shows the tree and repaints it as it changes",
                             [options] { return RunConnected(*options, Tree); });
  AddQuestionFlags(top, *options);
}

}  // namespace sluice::cli
