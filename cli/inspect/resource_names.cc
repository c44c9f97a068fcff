// SPDX-License-Identifier: Apache-2.0
#include "cli/inspect/resource_names.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace sluice::cli {
namespace {

bool Names(const Value& item, absl::string_view word) {
  const Value& aliases = item["shortNames"];
  return word == item["name"].str() || word == item["singularName"].str() ||
         word == absl::AsciiStrToLower(item["kind"].str()) ||
         std::any_of(aliases.items().begin(), aliases.items().end(),
                     [&](const Value& alias) { return alias.str() == word; });
}

absl::StatusOr<std::optional<kube::Resource>> FindIn(const Context& ctx, kube::Client& client,
                                                     absl::string_view group,
                                                     absl::string_view version,
                                                     absl::string_view word) {
  kube::ApiRequest request;
  request.path =
      group.empty() ? absl::StrCat("/api/", version) : absl::StrCat("/apis/", group, "/", version);
  const auto answer = client.Do(ctx, request);
  // A group of an aggregated server that is away does not keep others from being found.
  if (!answer.ok()) {
    RETURN_IF_ERROR(ctx.Check());
    return std::nullopt;
  }
  for (const Value& item : (*answer)["resources"].items()) {
    if (absl::StrContains(item["name"].str(), '/') || !Names(item, word)) continue;
    return kube::Resource{std::string(group), std::string(version), std::string(item["name"].str()),
                          std::string(item["kind"].str()), item["namespaced"].bool_or(true)};
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<kube::Resource> FindResource(const Context& ctx, kube::Client& client,
                                            absl::string_view word) {
  const std::string lower = absl::AsciiStrToLower(word);
  const size_t dot = lower.find('.');
  const std::string name = lower.substr(0, dot);
  const std::string wanted_group = dot == std::string::npos ? "" : lower.substr(dot + 1);
  if (wanted_group.empty()) {
    ASSIGN_OR_RETURN(const auto core, FindIn(ctx, client, "", "v1", name));
    if (core.has_value()) return *core;
  }
  kube::ApiRequest request;
  request.path = "/apis";
  ASSIGN_OR_RETURN(const Value groups, client.Do(ctx, request));
  for (const Value& group : groups["groups"].items()) {
    const absl::string_view group_name = group["name"].str();
    if (!wanted_group.empty() && group_name != wanted_group) continue;
    ASSIGN_OR_RETURN(const auto found, FindIn(ctx, client, group_name,
                                              group["preferredVersion"]["version"].str(), name));
    if (found.has_value()) return *found;
  }
  return absl::NotFoundError(
      absl::StrCat("the server doesn't have a resource type \"", word, "\""));
}

}  // namespace sluice::cli
