// SPDX-License-Identifier: Apache-2.0
#include "common/git/upload_pack.h"

#include <unistd.h>
#include <zlib.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/git/gunzip.h"
#include "common/git/pkt_line.h"
#include "common/git/receive_pack.h"
#include "common/git_testing/git_server.h"
#include "common/git_testing/repo_builder.h"
#include "common/git_testing/scratch_directory.h"
#include "common/http/client.h"
#include "common/testing/status_matchers.h"

namespace sluice::git {
namespace {

using ::sluice::git_testing::GitServer;
using ::sluice::git_testing::RepoBuilder;
using ::sluice::git_testing::ScratchDirectory;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const Context kContext = Context::Background();
const std::string kNowhere(40, 'e');

std::string Packets(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) {
    if (line.empty()) {
      absl::StrAppend(&out, kFlushPacket);
    } else {
      AppendPacket(&out, line);
    }
  }
  return out;
}

TEST_CASE("requests that are none of ours are refused, and the client is told", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  const std::string commit = repo.Commit("c").Hex();
  struct Row {
    int version;
    std::string request;
    const char* message;
  };
  const Row rows[] = {
      {0, "garbage", "packet"},
      {0, "0032want", "cut short"},
      {0, Packets({"want xyz side-band-64k", "", "done"}), "malformed object id"},
      {0, Packets({"want " + kNowhere + " side-band-64k", "", "done"}), "not our ref eeee"},
      {0, Packets({"want " + commit, "", "done"}), "side-band is required"},
      {0, Packets({"want " + commit + " side-band-64k", "deepen 0", "", "done"}), "bad depth"},
      {0, Packets({"want " + commit + " side-band-64k", "deepen-since 1", "", "done"}), "deepen"},
      {0, Packets({"done", ""}), "nothing is wanted"},
      {2, Packets({"command=blame", ""}), "unknown command"},
      {2, Packets({"command=fetch", "want " + kNowhere, "done", ""}), "not our ref eeee"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.request);
    std::string answer;
    const absl::Status status =
        AnswerUploadPack(kContext, repo.repository(), row.version, row.request, {},
                         [&answer](absl::string_view bytes) {
                           absl::StrAppend(&answer, bytes);
                           return absl::OkStatus();
                         });
    CHECK_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, row.message));
    CHECK(answer.substr(4, 4) == "ERR ");
  }
  for (const char* request : {"", "0000"}) {
    CHECK_THAT(AnswerUploadPack(kContext, repo.repository(), 0, request, {},
                                [](absl::string_view) { return absl::InternalError("sent"); }),
               IsOk());
  }
}

TEST_CASE("pushes that make no sense are refused", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder repo(scratch / "r.git");
  const std::string commit = repo.Commit("c").Hex();
  const std::string zero(40, '0');
  const auto answer = [&](const std::string& request) -> absl::StatusOr<std::string> {
    std::string text;
    const absl::Status status =
        AnswerReceivePack(kContext, repo.repository(), request, [&text](absl::string_view bytes) {
          absl::StrAppend(&text, bytes);
          return absl::OkStatus();
        });
    if (!status.ok()) return status;
    return text;
  };
  CHECK_THAT(answer("garbage").status(), StatusIs(absl::StatusCode::kInvalidArgument));
  CHECK_THAT(answer(Packets({"x y z", ""})).status(), StatusIs(absl::StatusCode::kInvalidArgument));
  CHECK_THAT(answer(Packets({zero + " " + commit, ""})).status(),
             StatusIs(absl::StatusCode::kInvalidArgument));
  struct Row {
    std::string command;
    const char* report;
  };
  const Row rows[] = {
      {zero + " " + kNowhere + " refs/heads/x", "ng refs/heads/x object"},
      {zero + " " + commit + " refs/heads/main", "ng refs/heads/main reference"},
      {kNowhere + " " + commit + " refs/heads/main", "ng refs/heads/main reference"},
      {kNowhere + " " + zero + " refs/heads/main", "ng refs/heads/main reference was changed"},
      {zero + " " + commit + " refs/heads/../x", "ng refs/heads/../x"},
      {zero + " " + commit + " refs/heads/y", "ok refs/heads/y"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.command);
    CHECK_THAT(answer(Packets({row.command, ""})).value(), Catch::Contains(row.report));
  }
  CHECK_THAT(answer(Packets({zero + " " + commit + " refs/heads/z", ""}) + "PACKgarbage").value(),
             Catch::Contains("unpack receiving a pack") && Catch::Contains("ng refs/heads/z"));
}

TEST_CASE("nothing outside the served directory is reached", "[git]") {
  const ScratchDirectory scratch;
  RepoBuilder secret(scratch / "secret.git");
  secret.Commit("c");
  RepoBuilder repo(scratch / "up/r.git");
  repo.Commit("c");
  REQUIRE(symlink((scratch / "secret.git").c_str(), (scratch / "up/link.git").c_str()) == 0);
  GitServer server(scratch / "up");
  const auto client = http::CreateClient({}).value();
  struct Row {
    const char* path;
    int status;
  };
  const Row rows[] = {
      {"r/info/refs?service=git-upload-pack", 200},
      {"r.git/info/refs?service=git-upload-pack", 200},
      {"link.git/info/refs?service=git-upload-pack", 404},
      {"../secret.git/info/refs?service=git-upload-pack", 404},
      {"%2e%2e/secret.git/info/refs?service=git-upload-pack", 404},
      {"r.git/../r.git/info/refs?service=git-upload-pack", 404},
      {"info/refs?service=git-upload-pack", 404},
      {"r/info/refs", 403},
      {"r/info/refs?service=git-receive-pack", 403},
      {"r/HEAD", 404},
      {"r/git-upload-pack", 405},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    http::Request request;
    request.url = server.Url(row.path);
    CHECK(client->Send(kContext, request).value().status == row.status);
  }
}

TEST_CASE("compressed requests are unpacked within a limit", "[git]") {
  const std::string plain(100000, 'x');
  std::string packed(1000, '\0');
  z_stream stream = {};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  CHECK(Gunzip(packed, plain.size()).value() == plain);
  CHECK_THAT(Gunzip(packed, plain.size() - 1).status(),
             StatusIs(absl::StatusCode::kResourceExhausted));
  CHECK_THAT(Gunzip(packed.substr(0, packed.size() / 2), plain.size()).status(),
             StatusIs(absl::StatusCode::kInvalidArgument));
  CHECK_THAT(Gunzip("plain text", 100).status(), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace sluice::git
