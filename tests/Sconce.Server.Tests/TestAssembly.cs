// Seeds, live-tensor counts and libtorch's threads are the process's: one test at a time.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
