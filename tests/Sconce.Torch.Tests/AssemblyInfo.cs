// Live tensors are counted in the whole process: tests that count them run alone.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
