// SPDX-License-Identifier: Apache-2.0
#include "common/git/fetch_protocol.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace sluice::git {
namespace {

constexpr absl::string_view kAgent = "agent=sluice";

void AppendLine(std::string* out, absl::string_view line) {
  AppendPacket(out, absl::StrCat(line, "\n"));
}

absl::Status CheckObjectFormat(const Advertisement& server) {
  const auto format = server.capabilities.find("object-format");
  if (format == server.capabilities.end() || format->second == "sha1") return absl::OkStatus();
  return absl::UnimplementedError(absl::StrCat("repositories with ", RemoteText(format->second),
                                               " object names are not supported"));
}

void AppendCommand(const Advertisement& server, absl::string_view command, std::string* out) {
  AppendLine(out, absl::StrCat("command=", command));
  if (server.Has("agent")) AppendLine(out, kAgent);
  if (server.Has("object-format")) AppendLine(out, "object-format=sha1");
  absl::StrAppend(out, kDelimiterPacket);
}

std::string FirstWantCapabilities(const Advertisement& server, absl::string_view sideband) {
  std::string result = absl::StrCat(" ", sideband);
  // Azure DevOps answers nothing without one of the multi_ack modes.
  for (absl::string_view mode : {"multi_ack_detailed", "multi_ack"}) {
    if (!server.Has(mode)) continue;
    absl::StrAppend(&result, " ", mode);
    break;
  }
  for (absl::string_view wish : {"thin-pack", "no-progress", "ofs-delta", "shallow"}) {
    if (server.Has(wish)) absl::StrAppend(&result, " ", wish);
  }
  if (server.Has("agent")) absl::StrAppend(&result, " ", kAgent);
  return result;
}

}  // namespace

bool SupportsDepth(const Advertisement& server) {
  return server.version == 2 ? server.Has("fetch", "shallow") : server.Has("shallow");
}

bool SupportsAnyWant(const Advertisement& server) {
  return server.version == 2 || server.Has("allow-reachable-sha1-in-want") ||
         server.Has("allow-any-sha1-in-want");
}

absl::StatusOr<std::string> EncodeFetch(const Advertisement& server, const FetchRequest& request) {
  RETURN_IF_ERROR(CheckObjectFormat(server));
  const bool v2 = server.version == 2;
  std::string out;
  if (v2) {
    AppendCommand(server, "fetch", &out);
    for (absl::string_view wish : {"thin-pack", "no-progress", "ofs-delta"}) AppendLine(&out, wish);
    for (const ObjectId& want : request.wants) AppendLine(&out, absl::StrCat("want ", want.Hex()));
  } else {
    const absl::string_view sideband = server.Has("side-band-64k") ? "side-band-64k"
                                       : server.Has("side-band")   ? "side-band"
                                                                   : "";
    if (sideband.empty()) {
      return absl::UnimplementedError(
          "the Git server supports neither side-band-64k nor side-band");
    }
    std::string capabilities = FirstWantCapabilities(server, sideband);
    for (const ObjectId& want : request.wants) {
      AppendLine(&out, absl::StrCat("want ", want.Hex(), capabilities));
      capabilities.clear();
    }
  }
  if (SupportsDepth(server)) {
    for (const Have& have : request.haves) {
      if (have.shallow) AppendLine(&out, absl::StrCat("shallow ", have.id.Hex()));
    }
    if (request.depth > 0) AppendLine(&out, absl::StrCat("deepen ", request.depth));
  }
  if (!v2) absl::StrAppend(&out, kFlushPacket);
  for (const Have& have : request.haves) AppendLine(&out, absl::StrCat("have ", have.id.Hex()));
  AppendLine(&out, "done");
  if (v2) absl::StrAppend(&out, kFlushPacket);
  return out;
}

std::string EncodeListRefs(const Advertisement& server, std::span<const std::string> prefixes) {
  std::string out;
  AppendCommand(server, "ls-refs", &out);
  AppendLine(&out, "peel");
  AppendLine(&out, "symrefs");
  for (const std::string& prefix : prefixes) AppendLine(&out, absl::StrCat("ref-prefix ", prefix));
  absl::StrAppend(&out, kFlushPacket);
  return out;
}

FetchResponseReader::FetchResponseReader(int version, bool expect_shallow_info, OnPack on_pack)
    : state_(version == 2          ? State::kSectionStart
             : expect_shallow_info ? State::kShallowInfo
                                   : State::kAcknowledgments),
      on_pack_(std::move(on_pack)) {}

absl::Status FetchResponseReader::Take(const Packet& packet) {
  const absl::string_view text = packet.kind == Packet::Kind::kData ? packet.Text() : "";
  if (state_ != State::kPack && absl::StartsWith(text, "ERR ")) {
    return ErrorFromRemote(text.substr(4));
  }
  switch (state_) {
    case State::kShallowInfo:
      if (packet.kind == Packet::Kind::kFlush) {
        state_ = State::kAcknowledgments;
        return absl::OkStatus();
      }
      if (absl::StartsWith(text, "shallow ") || absl::StartsWith(text, "unshallow ")) {
        return absl::OkStatus();
      }
      break;
    case State::kAcknowledgments:
      // "ACK <id> common" and its like announce; "ACK <id>" or "NAK" is the last word.
      if (text == "NAK" ||
          (absl::StartsWith(text, "ACK ") &&
           text.size() == absl::string_view("ACK ").size() + ObjectId::kHexDigits)) {
        state_ = State::kPack;
        return absl::OkStatus();
      }
      if (absl::StartsWith(text, "ACK ")) return absl::OkStatus();
      break;
    case State::kSectionStart:
      if (text == "packfile") {
        state_ = State::kPack;
        return absl::OkStatus();
      }
      if (packet.kind == Packet::Kind::kData) {
        state_ = State::kSection;
        return absl::OkStatus();
      }
      break;
    case State::kSection:
      if (packet.kind == Packet::Kind::kDelimiter) state_ = State::kSectionStart;
      if (packet.kind == Packet::Kind::kDelimiter || packet.kind == Packet::Kind::kData) {
        return absl::OkStatus();
      }
      break;
    case State::kPack:
      return TakePack(packet);
    case State::kDone:
      return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("unexpected packet before the pack: \"", RemoteText(text), "\""));
}

absl::Status FetchResponseReader::TakePack(const Packet& packet) {
  if (packet.kind == Packet::Kind::kFlush) {
    state_ = State::kDone;
    return absl::OkStatus();
  }
  if (packet.kind != Packet::Kind::kData || packet.payload.empty()) return absl::OkStatus();
  const absl::string_view rest = packet.payload.substr(1);
  switch (packet.payload.front()) {
    case 1:
      return on_pack_(rest);
    case 2:
      return absl::OkStatus();
    case 3:
      return absl::UnavailableError(
          absl::StrCat("the Git server failed while sending: ", RemoteText(rest)));
    default:
      return absl::InvalidArgumentError("unexpected packet within the pack");
  }
}

}  // namespace sluice::git
