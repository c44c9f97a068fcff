// SPDX-License-Identifier: Apache-2.0
#include "cli/steer/apply.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/offline/input.h"
#include "cli/run.h"
#include "common/base/clock.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/ssa/kind_order.h"
#include "common/value/yaml.h"

namespace sluice::cli {
namespace {

constexpr absl::Duration kReadinessPoll = absl::Milliseconds(100);

bool IsManifest(const std::filesystem::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml" || path.extension() == ".json";
}

// The files that `name` stands for, in order of their names; a folder's own files only.
absl::StatusOr<std::vector<std::string>> FilesOf(const std::string& name) {
  std::error_code error;
  if (!std::filesystem::is_directory(name, error)) return std::vector<std::string>{name};
  std::vector<std::string> files;
  for (std::filesystem::directory_iterator it(name, error), end; !error && it != end;
       it.increment(error)) {
    if (it->is_regular_file(error) && IsManifest(it->path())) files.push_back(it->path().string());
  }
  if (error) return absl::UnavailableError(absl::StrCat(name, ": ", error.message()));
  if (files.empty()) {
    return absl::NotFoundError(absl::StrCat(name, ": no .yaml, .yml or .json file"));
  }
  std::sort(files.begin(), files.end());
  return files;
}

absl::StatusOr<std::vector<Value>> ReadManifestsOf(const std::string& name) {
  if (name == "-") {
    ASSIGN_OR_RETURN(const std::string text, ReadStandardInput());
    return ReadManifests("standard input", text);
  }
  ASSIGN_OR_RETURN(const std::string text, ReadFile(name));
  return ReadManifests(name, text);
}

std::string Described(const Value& object) {
  const kube::GroupVersionKind gvk = kube::GvkOf(object);
  return absl::StrCat(absl::AsciiStrToLower(gvk.group_kind()), "/", kube::Name(object));
}

absl::Status ApplyOne(const Context& ctx, Connection& connection, const ApplyOptions& options,
                      Value object, std::vector<ssa::WatchedObject>& applied) {
  ASSIGN_OR_RETURN(const kube::Resource resource,
                   connection.discovery->Resolve(ctx, kube::GvkOf(object)));
  if (resource.namespaced && kube::Namespace(object).empty()) {
    object.Ensure("metadata").Set("namespace", connection.context_ns);
  }
  ASSIGN_OR_RETURN(
      const Value result,
      connection.client->Apply(ctx, resource, object,
                               {.field_manager = options.field_manager, .force = options.force}));
  std::cout << Described(result) << " serverside-applied" << std::endl;
  applied.push_back({ssa::ObjectId::Of(result), resource});
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Value>> ReadManifests(absl::string_view name, absl::string_view text) {
  auto documents = value::ParseYamlStream(text);
  if (!documents.ok()) return Annotate(documents.status(), name);
  std::vector<Value> objects;
  for (const value::YamlDocument& document : *documents) {
    const bool list =
        absl::EndsWith(document.value["kind"].str(), "List") && document.value["items"].is_array();
    const std::span<const Value> values =
        list ? document.value["items"].items() : std::span<const Value>(&document.value, 1);
    for (const Value& object : values) {
      if (object["apiVersion"].str().empty() || object["kind"].str().empty() ||
          kube::Name(object).empty()) {
        return absl::InvalidArgumentError(
            absl::StrCat(name, ": line ", document.line,
                         ": not an object: apiVersion, kind and metadata.name are needed"));
      }
      objects.push_back(object);
    }
  }
  return objects;
}

absl::Status Apply(const Context& ctx, Connection& connection, const ApplyOptions& options) {
  if (options.files.empty()) return UsageError("which file? -f FILE");
  std::vector<Value> objects;
  for (const std::string& name : options.files) {
    ASSIGN_OR_RETURN(const std::vector<std::string> files, FilesOf(name));
    for (const std::string& file : files) {
      ASSIGN_OR_RETURN(std::vector<Value> read, ReadManifestsOf(file));
      std::move(read.begin(), read.end(), std::back_inserter(objects));
    }
  }
  return ApplyObjects(ctx.WithTimeout(options.connection.timeout), connection, options,
                      std::move(objects))
      .status();
}

absl::Status AwaitReadiness(const Context& ctx, Connection& connection,
                            std::span<const ssa::WatchedObject> objects) {
  return ssa::WaitForReadiness(ctx, *connection.client, objects, {}, kReadinessPoll, RealClock());
}

absl::StatusOr<std::vector<ssa::WatchedObject>> ApplyObjects(const Context& ctx,
                                                             Connection& connection,
                                                             const ApplyOptions& options,
                                                             std::vector<Value> objects) {
  const auto stage = [](const Value& object) {
    return ssa::StageOf(ssa::ObjectId::Of(object), {});
  };
  std::stable_sort(objects.begin(), objects.end(), [&](const Value& a, const Value& b) {
    if (stage(a) != stage(b)) return stage(a) < stage(b);
    return ssa::AppliedBefore(ssa::ObjectId::Of(a), ssa::ObjectId::Of(b));
  });

  std::vector<ssa::WatchedObject> applied;
  for (size_t i = 0; i < objects.size(); ++i) {
    RETURN_IF_ERROR(
        Annotate(ApplyOne(ctx, connection, options, objects[i], applied), Described(objects[i])));
    // What follows may be of a kind, or in a namespace, that this stage has defined.
    const bool last_of_stage =
        i + 1 == objects.size() || stage(objects[i]) != stage(objects[i + 1]);
    if (last_of_stage && stage(objects[i]) == ssa::Stage::kDefinitions) {
      RETURN_IF_ERROR(AwaitReadiness(ctx, connection, applied));
      connection.discovery->Invalidate();
    }
  }
  return applied;
}

void AddApply(Command& command) {
  const auto options = std::make_shared<ApplyOptions>();
  Command& apply = command.Sub("apply", "Applies manifests server-side, definitions (CRDs) first",
                               [options] { return RunConnected(*options, Apply); });
  AddConnectionFlags(apply, options->connection);
  apply.List("-f,--filename", options->files,
             "file or folder of YAML or JSON; - is standard input");
  apply.Text("--field-manager", options->field_manager, "whose fields they become");
  apply.Bool("--force-conflicts", options->force, "take fields over from other managers");
}

}  // namespace sluice::cli
