// get, list and watch.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/devapi/kinds/conversion.h"
#include "common/devapi/requests/continue_token.h"
#include "common/devapi/verbs/verbs.h"

namespace sluice::devapi {
namespace {

bool Selected(const Call& call, const ListOptions& options, const Object& object) {
  if (!options.labels.Matches(object.value()["metadata"]["labels"])) return false;
  return options.fields.empty() || options.fields.Matches(*call.resource, object.value());
}

std::string Scope(const Call& call) { return call.resource->namespaced ? call.info.ns : ""; }

// The error for a token of an instant that is forgotten, with one to go on all the same.
absl::Status ExpiredToken(absl::string_view text) {
  ASSIGN_OR_RETURN(ContinueToken token, ContinueToken::Decode(text));
  token.consistent = false;
  const absl::Status expired = Expired(
      "The provided continue parameter is too old to display a consistent list result. You can "
      "start a new list without the continue parameter, or use the continue token in this response "
      "to retrieve the remainder of the results. Continuing with the provided token results in an "
      "inconsistent list - objects that were created, modified, or deleted between the time the "
      "first chunk was returned and now may show up in the list.");
  return WithContinueToken(expired, token.Encode());
}

// The objects at the instant that the options ask for.
absl::StatusOr<Listing> ReadAt(Cluster& cluster, const Call& call, const ListOptions& options,
                               uint64_t exact) {
  const std::string scope = Scope(call);
  if (exact != 0) {
    absl::StatusOr<Listing> listing = cluster.store().ListAt(call.resource->storage, scope, exact);
    if (listing.ok()) return listing;
    if (exact > cluster.store().version()) {
      return TooLargeResourceVersion(exact, cluster.store().version());
    }
    if (!options.continue_token.empty()) return ExpiredToken(options.continue_token);
    return Expired("The resourceVersion for the provided list is too old.");
  }
  if (options.version > cluster.store().version()) {
    return TooLargeResourceVersion(options.version, cluster.store().version());
  }
  return cluster.store().List(call.resource->storage, scope);
}

}  // namespace

absl::StatusOr<Reply> Get(Cluster& cluster, Call& call) {
  ASSIGN_OR_RETURN(const uint64_t version, ParseReadVersion(call.query.Get("resourceVersion")));
  if (version > cluster.store().version()) {
    return TooLargeResourceVersion(version, cluster.store().version());
  }
  const ObjectRef object = cluster.store().Find(call.resource->storage, call.key());
  if (object == nullptr) return NotFound(call.group_resource(), call.info.name);
  return Reply{200, object};
}

absl::StatusOr<Reply> List(Cluster& cluster, Call& call) {
  ASSIGN_OR_RETURN(const ListOptions options, ParseListOptions(call.query, /*watch=*/false));
  RETURN_IF_ERROR(options.fields.CheckSupported(*call.resource));
  uint64_t exact = options.match == VersionMatch::kExact ? options.version : 0;
  ObjectKey after;
  if (!options.continue_token.empty()) {
    ASSIGN_OR_RETURN(const ContinueToken token, ContinueToken::Decode(options.continue_token));
    exact = token.consistent ? token.version : 0;
    after = token.after;
  } else if (options.limit > 0 && options.version > 0 && options.match == VersionMatch::kUnset) {
    exact = options.version;  // a paged list at a version is exact, as it always was
  }
  ASSIGN_OR_RETURN(Listing listing, ReadAt(cluster, call, options, exact));
  ListResult result;
  result.version = listing.version;
  auto from = listing.objects.begin();
  if (!options.continue_token.empty()) {
    from = std::partition_point(from, listing.objects.end(),
                                [&](const ObjectRef& object) { return object->key() <= after; });
  }
  // Any version will do: the reference answers from its cache, which knows no pages.
  const bool from_cache = options.resource_version == "0" && options.continue_token.empty();
  const size_t limit =
      options.limit > 0 && !from_cache ? static_cast<size_t>(options.limit) : SIZE_MAX;
  const bool filtered = !options.labels.empty() || !options.fields.empty();
  for (auto it = from; it != listing.objects.end(); ++it) {
    if (filtered && !Selected(call, options, **it)) continue;
    if (result.objects.size() == limit) {
      result.continue_token = ContinueToken{listing.version, result.objects.back()->key()}.Encode();
      if (!filtered) result.remaining = listing.objects.end() - it;
      break;
    }
    result.objects.push_back(std::move(*it));
  }
  return Reply{200, std::move(result)};
}

absl::StatusOr<Reply> StartWatch(Cluster& cluster, Call& call) {
  WatchResult result;
  ASSIGN_OR_RETURN(result.options, ParseListOptions(call.query, /*watch=*/true));
  RETURN_IF_ERROR(result.options.fields.CheckSupported(*call.resource));
  const ListOptions& options = result.options;
  const std::string& storage = call.resource->storage;
  const bool wants_initial = options.send_initial_events.value_or(
      options.resource_version.empty() || options.resource_version == "0");
  if (wants_initial) {
    if (options.version > cluster.store().version()) {
      result.failure = TooLargeResourceVersion(options.version, cluster.store().version());
      return Reply{200, std::move(result)};
    }
    auto [listing, watch] = cluster.store().ListAndWatch(storage, Scope(call));
    for (ObjectRef& object : listing.objects) {
      if (Selected(call, options, *object)) result.initial.push_back(std::move(object));
    }
    result.version = listing.version;
    result.watch = std::move(watch);
    result.announce_end = options.send_initial_events.value_or(false) && options.bookmarks;
    return Reply{200, std::move(result)};
  }
  // sendInitialEvents=false without a version starts now.
  const uint64_t from = options.version == 0 ? cluster.store().version() : options.version;
  absl::StatusOr<std::unique_ptr<Store::Watch>> watch = cluster.store().WatchFrom(storage, from);
  if (watch.ok()) {
    result.watch = *std::move(watch);
  } else {
    result.failure = Expired(watch.status().message());
  }
  return Reply{200, std::move(result)};
}

}  // namespace sluice::devapi
