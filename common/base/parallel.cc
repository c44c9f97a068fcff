// SPDX-License-Identifier: Apache-2.0
#include "common/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <exception>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace sluice {
namespace {

// Threads that wait to help. To start one and to give back its stack costs more than what most
// turns do.
class Crew {
 public:
  ~Crew() {
    const absl::MutexLock lock(&mutex_);
    ended_ = true;
  }

  // Throws if there is no thread for it, nor can be.
  void Help(std::function<void()> task) {
    const absl::MutexLock lock(&mutex_);
    if (tasks_.size() >= idle_) threads_.emplace_back([this] { Work(); });
    tasks_.push_back(std::move(task));
  }

 private:
  void Work() {
    const absl::MutexLock lock(&mutex_);
    const auto called = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return ended_ || !tasks_.empty();
    };
    while (true) {
      ++idle_;
      mutex_.Await(absl::Condition(&called));
      --idle_;
      if (ended_) return;
      const std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      mutex_.Unlock();
      task();
      mutex_.Lock();
    }
  }

  absl::Mutex mutex_;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
  size_t idle_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::jthread> threads_ ABSL_GUARDED_BY(mutex_);  // last: they use the others
};

// One call of ParallelFor(), shared with helpers that may come when it is over.
class Loop {
 public:
  Loop(size_t count, const std::function<bool(size_t)>& body) : count_(count), body_(body) {}

  void Run() {
    try {
      for (size_t i = next_++; i < count_ && go_on_; i = next_++) {
        if (!body_(i)) go_on_ = false;
      }
    } catch (...) {
      go_on_ = false;
      const absl::MutexLock lock(&mutex_);
      if (failure_ == nullptr) failure_ = std::current_exception();
    }
  }

  void Help() {
    {
      const absl::MutexLock lock(&mutex_);
      if (over_) return;
      ++helpers_;
    }
    Run();
    const absl::MutexLock lock(&mutex_);
    --helpers_;
  }

  // From here on `body` is not called. Throws what it threw.
  void End() {
    const absl::MutexLock lock(&mutex_);
    over_ = true;
    const auto alone = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return helpers_ == 0; };
    mutex_.Await(absl::Condition(&alone));
    if (failure_ != nullptr) std::rethrow_exception(failure_);
  }

 private:
  const size_t count_;
  const std::function<bool(size_t)>& body_;
  std::atomic<size_t> next_ = 0;
  std::atomic<bool> go_on_ = true;
  absl::Mutex mutex_;
  int helpers_ ABSL_GUARDED_BY(mutex_) = 0;
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
  std::exception_ptr failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

void ParallelFor(size_t count, size_t threads, const std::function<bool(size_t)>& body) {
  static Crew crew;
  const auto loop = std::make_shared<Loop>(count, body);
  try {
    for (size_t i = 1; i < std::min(threads, count); ++i) {
      crew.Help([loop] { loop->Help(); });
    }
  } catch (const std::exception&) {
    // Neither a thread nor memory for one: those that are there take the turns.
  }
  loop->Run();
  loop->End();
}

}  // namespace sluice
