// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/artifact_messages.h"

#include "absl/time/time.h"
#include "sluice/source/v1/artifact_service.pb.h"

namespace sluice::controller_rpc {
namespace {

namespace v1 = ::sluice::source::v1;

v1::Artifact ArtifactMessage(const artifact::Publication& publication) {
  v1::Artifact message;
  message.set_kind(publication.source.kind);
  message.set_namespace_(publication.source.key.ns);
  message.set_name(publication.source.key.name);
  message.set_uid(publication.uid);
  message.set_resource_version(publication.resource_version);
  message.set_generation(publication.generation);
  message.set_revision(publication.artifact.revision);
  message.set_digest(publication.artifact.digest);
  message.set_path(publication.artifact.path);
  message.set_url(publication.artifact.url);
  message.set_size(publication.artifact.size);
  message.mutable_last_update_time()->set_seconds(
      absl::ToUnixSeconds(publication.artifact.last_update_time));
  for (const auto& [key, value] : publication.artifact.metadata) {
    (*message.mutable_metadata())[key] = value;
  }
  return message;
}

artifact::Publication FromArtifact(const v1::Artifact& message) {
  artifact::Publication publication;
  publication.source = {message.kind(), {message.namespace_(), message.name()}};
  publication.uid = message.uid();
  publication.resource_version = message.resource_version();
  publication.generation = message.generation();
  publication.artifact.revision = message.revision();
  publication.artifact.digest = message.digest();
  publication.artifact.path = message.path();
  publication.artifact.url = message.url();
  publication.artifact.size = message.size();
  publication.artifact.last_update_time =
      absl::FromUnixSeconds(message.last_update_time().seconds());
  publication.artifact.metadata = {message.metadata().begin(), message.metadata().end()};
  return publication;
}

}  // namespace

v1::ArtifactEvent ToMessage(const artifact::Event& event) {
  v1::ArtifactEvent message;
  message.set_resume_token(event.resume_token);
  switch (event.type) {
    case artifact::EventType::kSnapshot:
      *message.mutable_snapshot() = ArtifactMessage(event.publication);
      break;
    case artifact::EventType::kSynced:
      message.mutable_synced()->set_complete(event.complete);
      break;
    case artifact::EventType::kUpdated:
      *message.mutable_updated() = ArtifactMessage(event.publication);
      break;
    case artifact::EventType::kDeleted: {
      v1::ArtifactDeletion& deleted = *message.mutable_deleted();
      deleted.set_kind(event.publication.source.kind);
      deleted.set_namespace_(event.publication.source.key.ns);
      deleted.set_name(event.publication.source.key.name);
      deleted.set_uid(event.publication.uid);
      break;
    }
    case artifact::EventType::kResync:
      message.mutable_resync()->set_reason("the subscriber fell too far behind");
      break;
  }
  return message;
}

std::optional<artifact::Event> FromMessage(const v1::ArtifactEvent& message) {
  artifact::Event event;
  event.resume_token = message.resume_token();
  switch (message.event_case()) {
    case v1::ArtifactEvent::kSnapshot:
      event.type = artifact::EventType::kSnapshot;
      event.publication = FromArtifact(message.snapshot());
      return event;
    case v1::ArtifactEvent::kSynced:
      event.type = artifact::EventType::kSynced;
      event.complete = message.synced().complete();
      return event;
    case v1::ArtifactEvent::kUpdated:
      event.type = artifact::EventType::kUpdated;
      event.publication = FromArtifact(message.updated());
      return event;
    case v1::ArtifactEvent::kDeleted:
      event.type = artifact::EventType::kDeleted;
      event.publication.source = {message.deleted().kind(),
                                  {message.deleted().namespace_(), message.deleted().name()}};
      event.publication.uid = message.deleted().uid();
      return event;
    case v1::ArtifactEvent::kResync:
      event.type = artifact::EventType::kResync;
      return event;
    case v1::ArtifactEvent::EVENT_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace sluice::controller_rpc
