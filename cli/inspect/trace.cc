// SPDX-License-Identifier: Apache-2.0
#include "cli/inspect/trace.h"

#include <iostream>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/inspect/resource_names.h"
#include "cli/kinds.h"
#include "cli/objects.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "common/api/kinds.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::cli {
namespace {

// Owners of owners are followed this far.
constexpr int kMostOwners = 20;
constexpr size_t kKeyWidth = 17;

struct Options {
  ConnectionOptions connection;
  std::vector<std::string> words;
  std::string kind;
  std::string api_version;
};

struct Line {
  std::string key;
  std::string value;
};
// What is said of one object; lines without a value are left out.
using Block = std::vector<Line>;

std::string Printed(std::span<const Block> blocks) {
  std::string out;
  for (const Block& block : blocks) {
    if (!out.empty()) absl::StrAppend(&out, "---\n");
    for (const Line& line : block) {
      if (line.value.empty()) continue;
      std::string key = absl::StrCat(line.key, ":");
      key.resize(std::max(kKeyWidth, key.size()), ' ');
      absl::StrAppend(&out, key, line.value, "\n");
    }
  }
  return out;
}

Block Head(const Value& object) {
  return {{std::string(object["kind"].str()), std::string(kube::Name(object))},
          {"Namespace", std::string(kube::Namespace(object))}};
}

// As Go prints a time.
std::string GoTime(absl::string_view rfc3339) {
  const auto time = ParseRfc3339(rfc3339);
  return time.ok() ? absl::FormatTime("%Y-%m-%d %H:%M:%S +0000 UTC", *time, absl::UTCTimeZone())
                   : std::string(rfc3339);
}

void AddStatus(const Value& object, Block& block) {
  const Value* ready = FindCondition(object, "Ready");
  if (ready == nullptr) {
    block.push_back({"Status", "Unknown"});
    return;
  }
  const bool failed = (*ready)["status"].str() == "False";
  block.push_back(
      {"Status", absl::StrCat(failed ? "Last reconciliation failed at " : "Last reconciled at ",
                              GoTime((*ready)["lastTransitionTime"].str()))});
  block.push_back({"Message", std::string((*ready)["message"].str())});
}

Block SourceBlock(const Value& source) {
  Block block = Head(source);
  const Value& spec = source["spec"];
  const Value& made_by = spec["sourceRef"];
  const Value& ref = spec["ref"];
  const Value& artifact = source["status"]["artifact"];
  const Value& origin = artifact["metadata"];
  if (made_by.is_object() && source["kind"].str() != "HelmChart") {
    block.push_back({"Source", absl::StrCat(made_by["kind"].str(), "/",
                                            made_by["namespace"].string_or(kube::Namespace(source)),
                                            "/", made_by["name"].str())});
  }
  block.push_back({"Chart", std::string(spec["chart"].str())});
  block.push_back({"Version", std::string(spec["version"].str())});
  block.push_back({"URL", std::string(spec["url"].str())});
  block.push_back({"Endpoint", std::string(spec["endpoint"].str())});
  block.push_back({"Bucket", std::string(spec["bucketName"].str())});
  // Only what decides, in the order in which it does.
  if (const absl::string_view tag = ref["tag"].string_or(ref["semver"].str()); !tag.empty()) {
    block.push_back({"Tag", std::string(tag)});
  } else if (ref.Has("branch")) {
    block.push_back({"Branch", std::string(ref["branch"].str())});
  } else {
    block.push_back({"Digest", std::string(ref["digest"].str())});
  }
  block.push_back({"Revision", std::string(artifact["revision"].str())});
  block.push_back(
      {"Origin Revision", std::string(origin["org.opencontainers.image.revision"].str())});
  block.push_back({"Origin Source", std::string(origin["org.opencontainers.image.source"].str())});
  AddStatus(source, block);
  return block;
}

// The Kustomization or HelmRelease that the labels of `object` name.
std::optional<Target> ManagerByLabels(const Value& object, const KindView& view) {
  const std::string group = view.Resource().group;
  const absl::string_view name = kube::Label(object, absl::StrCat(group, "/name"));
  if (name.empty()) return std::nullopt;
  return Target{
      &view,
      {std::string(kube::Label(object, absl::StrCat(group, "/namespace"))), std::string(name)}};
}

// The same of the object or the first of its owners that has one.
std::optional<Target> ManagerOf(const Context& ctx, Connection& connection, Value object,
                                const KindView& view) {
  for (int depth = 0; depth < kMostOwners; ++depth) {
    if (auto manager = ManagerByLabels(object, view)) return manager;
    const Value owner = object["metadata"]["ownerReferences"].at(0);
    if (owner.is_null()) return std::nullopt;
    const auto resource = connection.discovery->Resolve(
        ctx, kube::ParseGvk(owner["apiVersion"].str(), owner["kind"].str()));
    if (!resource.ok()) return std::nullopt;
    auto live =
        connection.client->Get(ctx, *resource,
                               {std::string(resource->namespaced ? kube::Namespace(object) : ""),
                                std::string(owner["name"].str())});
    if (!live.ok()) return std::nullopt;
    object = *std::move(live);
  }
  return std::nullopt;
}

// The manager, and what it comes from: its source, and that one's if it is a chart.
absl::StatusOr<std::vector<Block>> ChainOf(const Context& ctx, Connection& connection,
                                           const Target& manager) {
  ASSIGN_OR_RETURN(const Value object, FindObject(ctx, connection, manager));
  const Value& spec = object["spec"];
  const Value& status = object["status"];
  Block block = Head(object);
  block.push_back({"Target", std::string(spec["targetNamespace"].str())});
  block.push_back({"Path", std::string(spec["path"].str())});
  block.push_back({"Revision", std::string(status["lastAppliedRevision"].string_or(
                                   status["lastAttemptedRevision"].str()))});
  AddStatus(object, block);
  std::vector<Block> blocks = {std::move(block)};
  Target target = manager;
  Value current = object;
  do {
    ASSIGN_OR_RETURN(target, SourceOf(target, current));
    ASSIGN_OR_RETURN(current, FindObject(ctx, connection, target));
    blocks.push_back(SourceBlock(current));
  } while (target.view->resource == "HelmChart");
  return blocks;
}

absl::Status TraceOne(const Context& ctx, Connection& connection, const Value& object) {
  // One that both have labelled is the Kustomization's.
  for (const char* kind : {"Kustomization", "HelmRelease"}) {
    const auto manager = ManagerOf(ctx, connection, object, *FindView(kind));
    if (!manager.has_value()) continue;
    ASSIGN_OR_RETURN(std::vector<Block> blocks, ChainOf(ctx, connection, *manager));
    blocks.insert(blocks.begin(),
                  Block{{"Object", absl::StrCat(object["kind"].str(), "/", kube::Name(object))},
                        {"Namespace", std::string(kube::Namespace(object))},
                        {"Status", "Managed by Flux"}});
    std::cout << Printed(blocks);
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError("object not managed by Flux");
}

struct Word {
  kube::Resource resource;
  std::string name;
};

// "deployment/web service/web", "deployment web api", or a name with --kind and --api-version.
absl::StatusOr<std::vector<Word>> ParseWords(const Context& ctx, Connection& connection,
                                             const Options& options) {
  const absl::Status usage =
      UsageError("either `<resource>/<name>` or `<resource> <name>` is required as an argument");
  const std::vector<std::string>& words = options.words;
  if (words.empty()) return usage;
  std::vector<Word> result;
  if (!options.kind.empty() || !options.api_version.empty()) {
    if (options.kind.empty() || options.api_version.empty()) {
      return UsageError("--kind and --api-version go together");
    }
    ASSIGN_OR_RETURN(
        const kube::Resource resource,
        connection.discovery->Resolve(ctx, kube::ParseGvk(options.api_version, options.kind)));
    for (const std::string& name : words) result.push_back({resource, name});
    return result;
  }
  if (words[0].find('/') == std::string::npos) {
    if (words.size() < 2) return usage;
    ASSIGN_OR_RETURN(const kube::Resource resource,
                     FindResource(ctx, *connection.client, words[0]));
    for (size_t i = 1; i < words.size(); ++i) result.push_back({resource, words[i]});
    return result;
  }
  for (const std::string& word : words) {
    const std::vector<std::string> parts = absl::StrSplit(word, '/');
    if (parts.size() != 2 || parts[0].empty() || parts[1].empty()) return usage;
    ASSIGN_OR_RETURN(kube::Resource resource, FindResource(ctx, *connection.client, parts[0]));
    result.push_back({std::move(resource), parts[1]});
  }
  return result;
}

absl::Status Trace(const Context& ctx, Connection& connection, const Options& options) {
  const Context limited = ctx.WithTimeout(options.connection.timeout);
  ASSIGN_OR_RETURN(const std::vector<Word> words, ParseWords(limited, connection, options));
  absl::Status failure;
  for (const Word& word : words) {
    if (&word != words.data()) std::cout << "---\n";
    const kube::ObjectKey key{word.resource.namespaced ? connection.ns : "", word.name};
    const auto object = connection.client->Get(limited, word.resource, key);
    const absl::Status status =
        object.ok() ? TraceOne(limited, connection, *object) : object.status();
    if (status.ok()) continue;
    if (!failure.ok()) PrintFailure(failure.message());
    failure = Annotate(status, absl::StrCat("failed to trace ", word.resource.kind, "/", word.name,
                                            " in namespace ", key.ns));
  }
  return failure;
}

}  // namespace

void AddTrace(Command& command) {
  const auto options = std::make_shared<Options>();
  Command& trace = command.Sub(
      "trace", "Tells what manages an object and where that comes from: trace deployment/web",
      [options] { return RunConnected(*options, Trace); });
  trace.Positionals("OBJECT", options->words, "KIND/NAME …, or KIND NAME …");
  AddConnectionFlags(trace, options->connection);
  trace.Text("--kind", options->kind, "with --api-version, for arguments that are names only");
  trace.Text("--api-version", options->api_version, "such as apps/v1");
}

}  // namespace sluice::cli
