// SPDX-License-Identifier: Apache-2.0
#include "common/sync_status/board.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::sync_status {
namespace {

SyncStatus Of(const std::string& name, const std::string& revision) {
  SyncStatus status;
  status.object = {"Kustomization", {"default", name}};
  status.revision = revision;
  return status;
}

std::string Read(Board& board, Board::Cursor& cursor) {
  const auto update =
      board.Next(Context::Background().WithTimeout(absl::Seconds(10)), cursor).value();
  return absl::StrCat(update.object.key.name, " ",
                      update.status != nullptr ? update.status->revision : "gone");
}

TEST_CASE("a watcher hears the last state of each object, once", "[sync_status]") {
  Board board;
  Board::Cursor cursor = board.Now();
  board.Put(Of("a", "r1"));
  board.Put(Of("b", "r1"));
  board.Put(Of("a", "r2"));
  CHECK(Read(board, cursor) == "b r1");
  CHECK(Read(board, cursor) == "a r2");
  board.Remove({"Kustomization", {"default", "b"}});
  CHECK(Read(board, cursor) == "b gone");
  const Context ended = Context::Background().WithTimeout(absl::Seconds(-1));
  CHECK_THAT(board.Next(ended, cursor).status(),
             testing::StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_CASE("lists are in order, in pages, without the deleted", "[sync_status]") {
  Board board;
  for (const char* name : {"c", "a", "d", "b"}) board.Put(Of(name, "r"));
  board.Remove({"Kustomization", {"default", "b"}});
  const auto all = [](const SyncStatus&) { return true; };
  const auto first = board.List(std::nullopt, 2, all);
  REQUIRE(first.size() == 2);
  CHECK(first[0]->object.key.name == "a");
  CHECK(first[1]->object.key.name == "c");
  const auto rest = board.List(first[1]->object, 2, all);
  REQUIRE(rest.size() == 1);
  CHECK(rest[0]->object.key.name == "d");
  CHECK(board.Find({"Kustomization", {"default", "b"}}) == nullptr);
}

TEST_CASE("who does not wait is told what there is", "[sync_status]") {
  Board board;
  Board::Cursor cursor = board.Now();
  CHECK(!board.TryNext(cursor).value().has_value());
  board.Put(Of("a", "r1"));
  CHECK(board.TryNext(cursor).value()->object.key.name == "a");
  CHECK(!board.TryNext(cursor).value().has_value());
}

TEST_CASE("deleted objects are remembered up to the bound", "[sync_status]") {
  Board board;
  Board::Cursor cursor = board.Now();
  for (size_t i = 0; i <= Board::kMaxTombstones; ++i) {
    board.Put(Of(absl::StrCat(i), "r"));
    board.Remove({"Kustomization", {"default", absl::StrCat(i)}});
  }
  CHECK_THAT(board.Next(Context::Background(), cursor).status(),
             testing::StatusIs(absl::StatusCode::kUnavailable, "watch again"));
}

}  // namespace
}  // namespace sluice::sync_status
