// Copyright (c) 2026 The binarly-images authors
// Distributed under the Boost Software License, Version 1.0. See LICENSE.txt.

#ifndef BINARLY_TOOLS_SHARD_HPP
#define BINARLY_TOOLS_SHARD_HPP

#include "tools/settings.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace binarly::tools {

/// One of several runs that share a manifest and nothing else: each takes the uploads whose image
/// id falls to it by a hash that is the same everywhere and for ever.
///
/// An image's resource name falls to the same one as its id alone. The case of letters counts, even
/// in ULIDs, as it always did: journals of earlier versions stay those of their shard.
struct shard {
  std::uint64_t number = 1;  ///< from 1
  std::uint64_t count = 1;

  /// `image_id` is what stands in the manifest.
  [[nodiscard]] bool takes(std::string_view image_id) const noexcept;
};

/// `K/N`: the Kth of N, at most 100,000. `auto`: as the job that this is part of numbers it, from
/// the environment (`job_numbering.hpp`). `auto/N` where the count is not told: in Kubernetes'
/// indexed jobs, PBS's arrays, GNU parallel, and for members of a Slurm array from 1 to N that are
/// submitted again without the others. Throws `command_error` with what is wrong.
[[nodiscard]] shard parse_shard(const std::string& text, const environment& variables);

}  // namespace binarly::tools

#endif
