// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_BENCH_MEDIAN_HPP
#define BINARLY_BENCH_MEDIAN_HPP

#include <algorithm>
#include <vector>

namespace binarly::bench {

/// Of an even number of figures, the upper of the two in the middle. There must be one at least.
[[nodiscard]] inline double median(std::vector<double> figures) {
  std::ranges::sort(figures);
  return figures[figures.size() / 2];
}

}  // namespace binarly::bench

#endif
