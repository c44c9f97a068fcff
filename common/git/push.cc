// SPDX-License-Identifier: Apache-2.0
#include "common/git/push.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/git/advertisement.h"
#include "common/git/object_selection.h"
#include "common/git/packet_sink.h"
#include "common/git/pkt_line.h"
#include "common/git/wire.h"

namespace sluice::git {
namespace {

constexpr size_t kMaxAnswer = size_t{16} << 20;

// Reads report-status: "unpack ok", then "ok <name>" or "ng <name> <reason>" for each.
class ReportReader {
 public:
  explicit ReportReader(bool side_band) : side_band_(side_band) {}

  absl::Status Take(const Packet& packet) {
    if (!side_band_) return TakeLine(packet);
    if (packet.kind == Packet::Kind::kFlush) {
      done_ = true;
      return absl::OkStatus();
    }
    if (packet.payload.empty()) return absl::OkStatus();
    const absl::string_view rest = packet.payload.substr(1);
    switch (packet.payload.front()) {
      case 1:
        return lines_.Feed(rest);
      case 2:
        return absl::OkStatus();
      default:
        return absl::UnavailableError(absl::StrCat("the Git server failed: ", RemoteText(rest)));
    }
  }
  bool done() const { return done_; }

  absl::Status Result() const {
    if (!unpacked_) return absl::UnavailableError("the Git server reported nothing");
    return failure_;
  }

 private:
  absl::Status TakeLine(const Packet& packet) {
    if (packet.kind == Packet::Kind::kFlush) {
      if (!side_band_) done_ = true;
      return absl::OkStatus();
    }
    absl::string_view text = packet.Text();
    if (absl::ConsumePrefix(&text, "ERR ")) return ErrorFromRemote(text);
    if (absl::ConsumePrefix(&text, "unpack ")) {
      unpacked_ = true;
      if (text != "ok") Fail(absl::StrCat("unpack error: ", RemoteText(text)));
    } else if (absl::ConsumePrefix(&text, "ng ")) {
      const size_t blank = std::min(text.find(' '), text.size());
      Fail(absl::StrCat("command error on ", RemoteText(text.substr(0, blank)), ": ",
                        RemoteText(text.substr(blank))));
    }
    return absl::OkStatus();
  }
  void Fail(absl::string_view message) {
    if (failure_.ok()) failure_ = absl::FailedPreconditionError(message);
  }

  const bool side_band_;
  bool done_ = false;
  bool unpacked_ = false;
  absl::Status failure_;
  PacketReader lines_{[this](const Packet& packet) { return TakeLine(packet); }};
};

struct Command {
  const RefUpdate* update;
  ObjectId present;
};

// The updates that change something, with what the remote has there now.
absl::StatusOr<std::vector<Command>> Compare(const Advertisement& server,
                                             const std::vector<RefUpdate>& updates) {
  std::vector<Command> commands;
  for (const RefUpdate& update : updates) {
    const auto ref = std::find_if(server.refs.begin(), server.refs.end(),
                                  [&update](const RemoteRef& r) { return r.name == update.name; });
    const ObjectId present = ref == server.refs.end() ? ObjectId() : ref->id;
    if (present == update.id) continue;
    if (update.expected.has_value() && *update.expected != present) {
      return absl::AbortedError(absl::StrCat("non-fast-forward update: ", update.name));
    }
    commands.push_back({&update, present});
  }
  return commands;
}

absl::StatusOr<std::string> Encode(const Context& ctx, const Advertisement& server,
                                   const PushTarget& target, const ObjectStore& store,
                                   const std::vector<Command>& commands,
                                   const std::vector<ObjectId>& known) {
  const bool with_options = !target.push_options.empty();
  if (with_options && !server.Has("push-options")) {
    return absl::FailedPreconditionError("the Git server does not support push options");
  }
  std::string capabilities = " report-status";
  for (absl::string_view wish : {"side-band-64k", "ofs-delta", "quiet"}) {
    if (server.Has(wish)) absl::StrAppend(&capabilities, " ", wish);
  }
  if (with_options) absl::StrAppend(&capabilities, " push-options");
  if (server.Has("agent")) absl::StrAppend(&capabilities, " agent=sluice");

  std::string request;
  SelectionRequest selection{.haves = known};
  for (const Command& command : commands) {
    std::string line = absl::StrCat(command.present.Hex(), " ", command.update->id.Hex(), " ",
                                    command.update->name);
    if (!capabilities.empty()) {
      line.push_back('\0');
      absl::StrAppend(&line, capabilities);
      capabilities.clear();
    }
    AppendPacket(&request, line);
    if (!command.update->id.IsZero()) selection.wants.push_back(command.update->id);
  }
  absl::StrAppend(&request, kFlushPacket);
  if (with_options) {
    for (const std::string& option : target.push_options) AppendPacket(&request, option);
    absl::StrAppend(&request, kFlushPacket);
  }
  if (selection.wants.empty()) return request;
  for (const RemoteRef& ref : server.refs) selection.haves.push_back(ref.id);
  const absl::StatusOr<Selection> selected = SelectObjects(ctx, store, selection);
  if (absl::IsNotFound(selected.status())) {
    // The walk reached history that was never fetched, so it passed nothing that the remote has.
    return absl::FailedPreconditionError(
        "the remote does not have the commit that the pushed one is based on");
  }
  if (!selected.ok()) return selected.status();
  const size_t head = request.size();
  RETURN_IF_ERROR(store.WritePack(selected->objects, [&](absl::string_view bytes) -> absl::Status {
    RETURN_IF_ERROR(ctx.Check());
    if (request.size() - head + bytes.size() > kMaxPushedPack) {
      return absl::ResourceExhaustedError("the push is too large");
    }
    absl::StrAppend(&request, bytes);
    return absl::OkStatus();
  }));
  return request;
}

absl::Status PushAll(const Context& ctx, const PushTarget& target, const ObjectStore& store,
                     const std::vector<RefUpdate>& updates, const std::vector<ObjectId>& known) {
  ASSIGN_OR_RETURN(const Connector connect,
                   ConnectorFor(target.url, target.auth, "git-receive-pack", target.remote));
  ASSIGN_OR_RETURN(const std::unique_ptr<Wire> wire, connect());
  AdvertisementReader advertisement(target.remote.max_refs);
  PacketSink advertisement_sink(advertisement, target.remote.max_bytes);
  RETURN_IF_ERROR(wire->Advertise(ctx, advertisement_sink));
  const Advertisement& server = advertisement.result();
  if (!server.Has("report-status")) {
    return absl::UnimplementedError("the Git server does not report what it does with a push");
  }
  ASSIGN_OR_RETURN(const std::vector<Command> commands, Compare(server, updates));
  if (commands.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string request, Encode(ctx, server, target, store, commands, known));
  ReportReader report(server.Has("side-band-64k"));
  PacketSink sink(report, kMaxAnswer);
  RETURN_IF_ERROR(wire->Ask(ctx, 0, request, sink));
  return report.Result();
}

}  // namespace

absl::StatusOr<ObjectId> MakeCommit(ObjectStore& store, const Commit& base,
                                    const NewCommit& commit) {
  ASSIGN_OR_RETURN(const ObjectId tree, ApplyChanges(store, base.tree, commit.changes));
  if (tree == base.tree) return absl::FailedPreconditionError("no staged files");
  Commit made{.tree = tree,
              .parents = {base.id},
              .author = commit.author,
              .committer = commit.committer,
              .message = commit.message};
  if (commit.sign) {
    ASSIGN_OR_RETURN(made.signature, commit.sign(SerializeCommit(made)));
  }
  return store.Write(ObjectType::kCommit, SerializeCommit(made));
}

absl::Status Push(const Context& ctx, const PushTarget& target, const ObjectStore& store,
                  const std::vector<RefUpdate>& updates, const std::vector<ObjectId>& known) {
  return Annotate(PushAll(ctx, target, store, updates, known), "failed to push to remote");
}

}  // namespace sluice::git
