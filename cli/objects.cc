// SPDX-License-Identifier: Apache-2.0
#include "cli/objects.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/meta/names.h"
#include "common/base/clock.h"
#include "common/base/parallel.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::cli {
namespace {

// All are waited for at once, as long as they are not very many.
constexpr size_t kWaiters = 64;
constexpr absl::Duration kWatchTimeout = absl::Seconds(5);
constexpr absl::Duration kRetryWait = absl::Milliseconds(500);

absl::Status NoneFound(const KindView& view, absl::string_view ns) {
  return absl::NotFoundError(
      absl::StrCat("no ", view.resource, " objects found in \"", ns, "\" namespace"));
}

}  // namespace

absl::StatusOr<Value> FindObject(const Context& ctx, Connection& connection, const Target& target) {
  auto object = connection.client->Get(ctx, target.view->Resource(), target.key);
  if (absl::IsNotFound(object.status())) {
    return absl::NotFoundError(absl::StrCat(target.view->resource, " object '", target.key.name,
                                            "' not found in \"", target.key.ns, "\" namespace"));
  }
  return object;
}

void AddSelectionFlags(Command& command, Selection& selection) {
  command.Positionals("KIND", selection.words,
                      "source git|oci|bucket|helm|chart | kustomization (ks) | helmrelease (hr) | "
                      "image repository|policy|update, then names");
  command.Bool("--all", selection.all, "all objects of the kind in the namespace");
  command.Text("-l,--label-selector", selection.label_selector, "the objects with these labels");
}

absl::StatusOr<Selected> SelectObjects(const Context& ctx, Connection& connection,
                                       absl::string_view verb, const Selection& selection) {
  ASSIGN_OR_RETURN(const KindNames words, ParseKindNames(verb, selection.words));
  const bool listed = selection.all || !selection.label_selector.empty();
  if (words.names.empty() && !listed) {
    return UsageError(
        absl::StrCat(words.view->HumanName(), " name is required, or --all, or --label-selector"));
  }
  if (!words.names.empty() && listed) {
    return UsageError("names do not go together with --all and --label-selector");
  }
  Selected selected{words.view, {}, {}};
  if (listed) {
    ASSIGN_OR_RETURN(kube::ObjectList list,
                     connection.client->List(ctx, words.view->Resource(), connection.ns,
                                             {.label_selector = selection.label_selector}));
    selected.objects = std::move(list.items);
    std::sort(selected.objects.begin(), selected.objects.end(),
              [](const Value& a, const Value& b) { return kube::Name(a) < kube::Name(b); });
    if (selected.objects.empty()) return NoneFound(*words.view, connection.ns);
    return selected;
  }
  for (const std::string& name : words.names) {
    auto object = FindObject(ctx, connection, {words.view, {connection.ns, name}});
    if (object.ok()) {
      selected.objects.push_back(*std::move(object));
    } else if (absl::IsNotFound(object.status())) {
      selected.missing.push_back(object.status());
    } else {
      return object.status();
    }
  }
  return selected;
}

absl::StatusOr<Target> SourceOf(const Target& target, const Value& object) {
  const Value& spec = object["spec"];
  const Value* reference = &spec["sourceRef"];
  if (target.view->resource == "HelmRelease") {
    reference = &spec["chartRef"];
    if (reference->is_null()) {
      return Target{
          FindView("HelmChart"),
          {std::string(spec["chart"]["spec"]["sourceRef"]["namespace"].string_or(target.key.ns)),
           absl::StrCat(target.key.ns, "-", target.key.name)}};
    }
  }
  if (target.view->resource == "ImagePolicy") {
    const Value& repository = spec["imageRepositoryRef"];
    return Target{FindView("ImageRepository"),
                  {std::string(repository["namespace"].string_or(target.key.ns)),
                   std::string(repository["name"].str())}};
  }
  const KindView* view = FindView((*reference)["kind"].str());
  if (view == nullptr) return absl::FailedPreconditionError("the object names no source");
  return Target{view,
                {std::string((*reference)["namespace"].string_or(target.key.ns)),
                 std::string((*reference)["name"].str())}};
}

Progress ReadyProgress(const Value& object) {
  if (UpToDate(object)) return Progress::kDone;
  const bool seen = object["status"]["observedGeneration"].int_or(0) >= kube::Generation(object);
  return seen && ConditionIsTrue(object, api::kStalled) ? Progress::kFailed : Progress::kPending;
}

absl::StatusOr<Value> AwaitObject(const Context& ctx, Connection& connection, const Target& target,
                                  const std::function<Progress(const Value&)>& progress) {
  const std::string subject = kube::Subject(target.view->resource, target.key);
  std::string last = "not found";
  while (true) {
    const absl::StatusOr<Value> object =
        connection.client->Get(ctx, target.view->Resource(), target.key);
    if (object.ok() || absl::IsNotFound(object.status())) {
      const Value& live = object.ok() ? *object : Value();
      last = object.ok() ? ReadyMessage(live) : "not found";
      const Progress now = progress(live);
      if (now == Progress::kDone) return live;
      if (now == Progress::kFailed) return absl::FailedPreconditionError(last);
    } else if (!absl::IsDeadlineExceeded(object.status())) {
      return object.status();
    }
    // Until it changes; a server that ends the watch early is asked again.
    const absl::Status watched = connection.client->Watch(
        ctx, target.view->Resource(), target.key.ns,
        {.field_selector = absl::StrCat("metadata.name=", target.key.name),
         .resource_version = object.ok() ? std::string(kube::ResourceVersion(*object)) : "",
         .timeout = kWatchTimeout},
        [](const kube::WatchEvent&) { return absl::AbortedError("changed"); });
    const absl::Status ended = ctx.Check();
    if (absl::IsDeadlineExceeded(ended)) {
      return absl::DeadlineExceededError(
          absl::StrCat("timed out waiting for ", subject, ": ", last));
    }
    RETURN_IF_ERROR(ended);
    if (!watched.ok() && !absl::IsAborted(watched)) {
      RETURN_IF_ERROR(RealClock().Sleep(ctx, kRetryWait));
    }
  }
}

std::vector<absl::StatusOr<Value>> AwaitObjects(
    const Context& ctx, Connection& connection, std::span<const Target> targets,
    const std::function<Progress(const Value&)>& progress) {
  std::vector<absl::StatusOr<Value>> results(targets.size());
  ParallelFor(targets.size(), kWaiters, [&](size_t i) {
    results[i] = AwaitObject(ctx, connection, targets[i], progress);
    return true;
  });
  return results;
}

}  // namespace sluice::cli
