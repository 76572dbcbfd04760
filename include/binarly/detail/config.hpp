// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_DETAIL_CONFIG_HPP
#define BINARLY_DETAIL_CONFIG_HPP

/// Marks what the shared library exports; everything else in it stays hidden.
#if defined(__GNUC__)
#define BINARLY_IMAGES_DECL __attribute__((visibility("default")))
#else
#define BINARLY_IMAGES_DECL
#endif

#endif
