// Teaches the thread sanitizer about libraries that were not compiled with it, for the tsan preset:
// what absl::Mutex orders, and whose own memory not to judge.
//
// The sanitizer sees the synchronisation of code that was compiled with it. Debian's Abseil was
// not, so everything that a Mutex, CondVar or Notification orders would be reported as a race. The
// functions below take the place of the library's (a program's own definition comes before a shared
// library's), tell the sanitizer what is acquired and released, and call the library's.
//
// A condition of Await() may be evaluated by whichever thread unlocks, after it has said that it
// released: what happens within the library's functions is therefore not watched.

// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
}

// What these libraries allocate, copy and free themselves is ordered by their own means, unseen.
// Our code that they call is still watched. gRPC's OnDone() comes after all else of its call, which
// the library counts.
extern "C" const char* __tsan_default_suppressions() {  // NOLINT: the name is the sanitizer's
  return "called_from_lib:libgrpc.so\n"
         "called_from_lib:libgrpc++.so\n"
         "called_from_lib:libgpr.so\n"
         "called_from_lib:libupb.so\n"
         "called_from_lib:libcrypto.so\n"
         "called_from_lib:libssl.so\n"
         "called_from_lib:libabsl_status.so\n"
         "called_from_lib:libabsl_cord.so\n"
         "called_from_lib:libabsl_time_zone.so\n"
         "race:CallOnDone\n";
}

namespace {

#define SLUICE_TEXT_OF(x) #x
#define SLUICE_TEXT(x) SLUICE_TEXT_OF(x)

// The library's function, by its mangled name within Abseil's inline namespace.
void* Library(const char* name) {
  const std::string space = SLUICE_TEXT(ABSL_OPTION_INLINE_NAMESPACE_NAME);
  // Constant members are mangled with a K before the name: "K:12Notification...".
  const bool constant = name[0] == 'K';
  const std::string symbol = std::string("_ZN") + (constant ? "K" : "") + "4absl" +
                             std::to_string(space.size()) + space + (name + (constant ? 1 : 0));
  void* const found = dlsym(RTLD_NEXT, symbol.c_str());
  if (found == nullptr) {
    std::fprintf(stderr, "tsan: Abseil has no %s\n", symbol.c_str());
    std::abort();
  }
  return found;
}

class NotWatched {
 public:
  NotWatched() { AnnotateIgnoreReadsBegin(__FILE__, __LINE__); }
  ~NotWatched() { AnnotateIgnoreReadsEnd(__FILE__, __LINE__); }
};

// Calls the library's `symbol` on `self`; `lock` is released before and acquired after, as asked.
template <bool kReleases, bool kAcquires, typename Result, typename Self, typename... Args>
Result Call(void* symbol, const void* lock, Self* self, Args... args) {
  const auto function = reinterpret_cast<Result (*)(Self*, Args...)>(symbol);
  if constexpr (kReleases) __tsan_release(const_cast<void*>(lock));
  if constexpr (std::is_void_v<Result>) {
    {
      const NotWatched ignore;
      function(self, args...);
    }
    if constexpr (kAcquires) __tsan_acquire(const_cast<void*>(lock));
  } else {
    Result result;
    {
      const NotWatched ignore;
      result = function(self, args...);
    }
    if constexpr (kAcquires) __tsan_acquire(const_cast<void*>(lock));
    return result;
  }
}

}  // namespace

#define SLUICE_CALL(name, releases, acquires, result, lock, ...) \
  static void* const symbol = Library(name);                     \
  return Call<releases, acquires, result>(symbol, lock, this __VA_OPT__(, ) __VA_ARGS__)

namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() { SLUICE_CALL("5Mutex4LockEv", false, true, void, this); }
void Mutex::Unlock() { SLUICE_CALL("5Mutex6UnlockEv", true, false, void, this); }
bool Mutex::TryLock() { SLUICE_CALL("5Mutex7TryLockEv", false, true, bool, this); }
void Mutex::ReaderLock() { SLUICE_CALL("5Mutex10ReaderLockEv", false, true, void, this); }
void Mutex::ReaderUnlock() { SLUICE_CALL("5Mutex12ReaderUnlockEv", true, false, void, this); }
void Mutex::LockWhen(const Condition& condition) {
  SLUICE_CALL("5Mutex8LockWhenERKNS0_9ConditionE", false, true, void, this, &condition);
}
void Mutex::ReaderLockWhen(const Condition& condition) {
  SLUICE_CALL("5Mutex14ReaderLockWhenERKNS0_9ConditionE", false, true, void, this, &condition);
}
bool Mutex::LockWhenWithTimeout(const Condition& condition, Duration timeout) {
  SLUICE_CALL("5Mutex19LockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE", false, true, bool,
              this, &condition, timeout);
}
bool Mutex::LockWhenWithDeadline(const Condition& condition, Time deadline) {
  SLUICE_CALL("5Mutex20LockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE", false, true, bool, this,
              &condition, deadline);
}
void Mutex::Await(const Condition& condition) {
  SLUICE_CALL("5Mutex5AwaitERKNS0_9ConditionE", true, true, void, this, &condition);
}
bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  SLUICE_CALL("5Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE", true, true, bool, this,
              &condition, timeout);
}
bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  SLUICE_CALL("5Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE", true, true, bool, this,
              &condition, deadline);
}

void CondVar::Wait(Mutex* mutex) {
  SLUICE_CALL("7CondVar4WaitEPNS0_5MutexE", true, true, void, mutex, mutex);
}
bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  SLUICE_CALL("7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE", true, true, bool, mutex,
              mutex, timeout);
}
bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  SLUICE_CALL("7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE", true, true, bool, mutex, mutex,
              deadline);
}

void Notification::Notify() { SLUICE_CALL("12Notification6NotifyEv", true, false, void, this); }
void Notification::WaitForNotification() const {
  SLUICE_CALL("K12Notification19WaitForNotificationEv", false, true, void, this);
}
bool Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  SLUICE_CALL("K12Notification30WaitForNotificationWithTimeoutENS0_8DurationE", false, true, bool,
              this, timeout);
}
bool Notification::WaitForNotificationWithDeadline(Time deadline) const {
  SLUICE_CALL("K12Notification31WaitForNotificationWithDeadlineENS0_4TimeE", false, true, bool,
              this, deadline);
}

ABSL_NAMESPACE_END
}  // namespace absl
