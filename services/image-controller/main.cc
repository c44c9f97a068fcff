// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/app.h"

int main(int argc, char** argv) { return sluice::image_controller::Main(argc, argv); }
