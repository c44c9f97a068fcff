// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/library_log.h"

#include <grpc/support/log.h>

#include <mutex>

#include "common/base/context.h"
#include "common/log/log.h"

namespace sluice::rpc {

void CaptureLibraryLog() {
  static std::once_flag once;
  std::call_once(once, [] {
    gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
    gpr_set_log_function([](gpr_log_func_args* line) {
      log::Debug(Context::Background().WithField("logger", "grpc"), line->message);
    });
  });
}

}  // namespace sluice::rpc
