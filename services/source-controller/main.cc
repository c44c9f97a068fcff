// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/app.h"

int main(int argc, char** argv) { return sluice::source_controller::Main(argc, argv); }
