// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/requests/watch_stream.h"

#include <algorithm>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "common/devapi/kinds/conversion.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

constexpr absl::Duration kBookmarkInterval = absl::Minutes(1);
// Events go out in pieces of about this size, so that a list of thousands is not held twice.
constexpr size_t kFlush = size_t{256} << 10;

const char* TypeName(EventType type) {
  switch (type) {
    case EventType::kAdded:
      return "ADDED";
    case EventType::kModified:
      return "MODIFIED";
    case EventType::kDeleted:
      return "DELETED";
  }
  return "";
}

bool Matches(const Call& call, const ListOptions& options, const Object* object) {
  if (object == nullptr) return false;
  if (call.resource->namespaced && !call.info.ns.empty() && object->ns() != call.info.ns) {
    return false;
  }
  if (!call.info.name.empty() && object->name() != call.info.name) return false;
  if (!options.labels.Matches(object->value()["metadata"]["labels"])) return false;
  return options.fields.empty() || options.fields.Matches(*call.resource, object->value());
}

// Writes events in the negotiated form.
class EventWriter {
 public:
  EventWriter(Cluster& cluster, const Call& call, const WatchFormat& format, const http::Sink& sink)
      : cluster_(cluster), call_(call), format_(format), sink_(sink) {}

  bool Send(EventType type, const ObjectRef& object) {
    absl::StrAppend(&pending_, "{\"type\":\"", TypeName(type), "\",\"object\":");
    switch (format_.form) {
      case Form::kTable: {
        const Value metadata = {
            {"resourceVersion", object->value()["metadata"]["resourceVersion"]}};
        pending_ += TableJson(*call_.resource, std::span(&object, 1), metadata,
                              {format_.row_object, headers_, cluster_.clock().Now()});
        headers_ = false;
        break;
      }
      case Form::kPartialMetadata:
      case Form::kPartialMetadataList:
        pending_ += value::FormatJson(PartialMetadata(object->value()));
        break;
      case Form::kObject:
        AppendJson(pending_, *call_.resource, *object, /*typed=*/true);
        break;
    }
    pending_ += "}\n";
    return pending_.size() < kFlush || Flush();
  }

  bool SendBookmark(uint64_t version, bool ends_initial) {
    Value metadata = {{"resourceVersion", absl::StrCat(version)}, {"creationTimestamp", nullptr}};
    if (ends_initial) {
      metadata.Set("annotations", Value{{"k8s.io/initial-events-end", "true"}});
    }
    std::string api_version = call_.resource->api_version();
    std::string kind = call_.resource->kind;
    Value object = {{"metadata", metadata}};
    if (format_.form == Form::kTable) {
      api_version = "meta.k8s.io/v1";
      kind = "Table";
      object = {{"metadata", Value{{"resourceVersion", absl::StrCat(version)}}},
                {"columnDefinitions", Value::EmptyArray()},
                {"rows", Value::EmptyArray()}};
    } else if (format_.form != Form::kObject) {
      api_version = "meta.k8s.io/v1";
      kind = "PartialObjectMetadata";
    }
    object.Set("apiVersion", api_version);
    object.Set("kind", kind);
    pending_ += value::FormatJson(Value{{"type", "BOOKMARK"}, {"object", object}});
    pending_ += "\n";
    return Flush();
  }

  void SendError(const absl::Status& status) {
    pending_ += value::FormatJson(Value{{"type", "ERROR"}, {"object", StatusObject(status)}});
    pending_ += "\n";
    Flush();
  }

  bool Flush() {
    if (pending_.empty()) return true;
    const bool alive = sink_(pending_);
    pending_.clear();
    return alive;
  }

 private:
  Cluster& cluster_;
  const Call& call_;
  const WatchFormat format_;
  const http::Sink& sink_;
  std::string pending_;
  bool headers_ = true;
};

absl::Duration Timeout(const ListOptions& options) {
  if (options.timeout_seconds.value_or(0) > 0) return absl::Seconds(*options.timeout_seconds);
  // As the real server: half an hour to an hour, so that clients do not come back all at once.
  absl::BitGen random;
  return absl::Seconds(absl::Uniform(random, 1800, 3600));
}

// A deletion for a watch whose selector the object left: the state it knew, under the new version.
ObjectRef AsDeleted(const Event& event) {
  Value value = event.previous->value();
  value.Ensure("metadata").Set("resourceVersion", absl::StrCat(event.version));
  return std::make_shared<Object>(std::move(value), event.version);
}

}  // namespace

bool Selects(const Call& call, const ListOptions& options, const Event& event, EventType* type) {
  const bool before = Matches(call, options, event.previous.get());
  const bool after =
      event.type != EventType::kDeleted && Matches(call, options, event.object.get());
  if (!before && !after) return false;
  *type = !before ? EventType::kAdded : after ? EventType::kModified : EventType::kDeleted;
  return true;
}

void StreamWatch(const Context& ctx, Cluster& cluster, const Call& call, WatchResult& watch,
                 const WatchFormat& format, const http::Sink& sink) {
  EventWriter writer(cluster, call, format, sink);
  if (watch.watch == nullptr) {
    writer.SendError(watch.failure);
    return;
  }
  for (const ObjectRef& object : watch.initial) {
    if (!writer.Send(EventType::kAdded, object)) return;
  }
  watch.initial.clear();
  if (watch.announce_end && !writer.SendBookmark(watch.version, true)) return;
  if (!writer.Flush()) return;
  const absl::Time end = cluster.clock().Now() + Timeout(watch.options);
  absl::Time bookmark = cluster.clock().Now() + kBookmarkInterval;
  while (cluster.clock().Now() < end) {
    absl::StatusOr<Store::Watch::Batch> batch = watch.watch->Next(ctx, std::min(end, bookmark));
    if (absl::IsOutOfRange(batch.status())) {
      writer.SendError(Expired(batch.status().message()));
      return;
    }
    if (!batch.ok()) return;
    for (const Event& event : batch->events) {
      EventType type;
      if (!Selects(call, watch.options, event, &type)) continue;
      const bool left = type == EventType::kDeleted && event.type != EventType::kDeleted;
      if (!writer.Send(type, left ? AsDeleted(event) : event.object)) return;
    }
    const bool due = cluster.clock().Now() >= bookmark;
    if (due) bookmark = cluster.clock().Now() + kBookmarkInterval;
    if (due && watch.options.bookmarks) {
      if (!writer.SendBookmark(batch->version, false)) return;
    } else if (!writer.Flush()) {
      return;
    }
  }
}

}  // namespace sluice::devapi
