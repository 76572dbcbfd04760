// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_VERSION_HPP
#define BINARLY_VERSION_HPP

/// The library's version, as the build file has it.
#define BINARLY_IMAGES_VERSION "0.1.0"

#endif
