using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Data;

/// <summary>Batches: their order, their determinism, and what happens to items that are broken, slow or of another size.</summary>
public sealed class DataLoaderTests
{
    private static readonly Pipeline Augment = [new RandomResizedCrop(12), new RandomHorizontalFlip()];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Batches_depend_on_the_seed_and_not_on_the_threads(int threads)
    {
        var expected = Read(Loader(Pictures(23), new() { BatchSize = 4, Threads = 3, Shuffle = true, Seed = 5 }), 2);
        var read = Read(Loader(Pictures(23), new() { BatchSize = 4, Threads = threads, Shuffle = true, Seed = 5, Prefetch = threads }), 2);
        Assert.Equal(6, read.Count);
        Assert.Equal(expected.SelectMany(b => b.Indices), read.SelectMany(b => b.Indices));
        Assert.Equal(expected.SelectMany(b => b.Pixels), read.SelectMany(b => b.Pixels));
        var other = Read(Loader(Pictures(23), new() { BatchSize = 4, Threads = threads, Shuffle = true, Seed = 6 }), 2);
        Assert.NotEqual(expected.SelectMany(b => b.Indices), other.SelectMany(b => b.Indices));
    }

    [Fact]
    public void An_item_is_augmented_anew_in_each_epoch_and_each_epoch_holds_every_item()
    {
        var loader = Loader(Pictures(9), new() { BatchSize = 4, Shuffle = true });
        var (first, second) = (Read(loader, 0), Read(loader, 1));
        Assert.NotEqual(first.SelectMany(b => b.Indices), second.SelectMany(b => b.Indices));
        Assert.Equal(Enumerable.Range(0, 9), first.SelectMany(b => b.Indices).Order());
        Assert.Equal(Enumerable.Range(0, 9), second.SelectMany(b => b.Indices).Order());
        Assert.Equal(loader.Order(1), second.SelectMany(b => b.Indices));
        float[] Item(List<Seen> batches, int index) =>
            batches.SelectMany(b => b.Indices.Zip(b.Pixels.Chunk(3 * 12 * 12))).First(pair => pair.First == index).Second;
        Assert.NotEqual(Item(first, 3), Item(second, 3));
    }

    [Fact]
    public void An_epoch_entered_at_a_batch_goes_on_as_if_never_left()
    {
        var loader = Loader(Pictures(23), new() { BatchSize = 4, Shuffle = true, Threads = 3 });
        var whole = Read(loader, 4);
        var rest = Read(loader, 4, first: 3);
        Assert.Equal(whole.Skip(3).SelectMany(b => b.Pixels), rest.SelectMany(b => b.Pixels));
        Assert.Empty(Read(loader, 4, first: 6));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Epoch(0, 7));
    }

    [Fact]
    public void Batches_left_out_are_not_read()
    {
        var read = new System.Collections.Concurrent.ConcurrentBag<int>();
        var data = Datasets.Procedural(12, 1, (ref random, index) =>
        {
            read.Add(index);
            return Picture(ref random, index);
        });
        Read(Loader(data, new() { BatchSize = 4 }), 0, first: 2);
        Assert.Equal([8, 9, 10, 11], read.Order());
    }

    [Fact]
    public void A_last_batch_that_is_not_full_is_kept_or_dropped()
    {
        var kept = Loader(Pictures(10), new() { BatchSize = 4 });
        Assert.Equal((3, 2), (kept.BatchesPerEpoch, Read(kept, 0)[^1].Indices.Length));
        var dropped = Loader(Pictures(10), new() { BatchSize = 4, DropLast = true });
        Assert.Equal((2, 4), (dropped.BatchesPerEpoch, Read(dropped, 0)[^1].Indices.Length));
        Assert.Contains("fewer than one batch of 4",
            Assert.Throws<DataException>(() => Loader(Pictures(3), new() { BatchSize = 4, DropLast = true })).Message);
    }

    [Fact]
    public void Pictures_are_normalised_into_the_batch_with_labels_names_and_numbers()
    {
        var image = new Image(2, 1);
        byte[] samples = [0, 51, 255, 102, 153, 204];
        samples.CopyTo(image.Pixels);
        var data = Datasets.InMemory([new ImageExample(image) { Label = 7, Name = "a.png" },
            new ImageExample(image.HorizontalFlip()) { Label = 1, Name = "b.png" }]);
        var loader = ImageLoader.Create(data, [], new() { BatchSize = 2 }, mean: [0.5f, 0, 0], std: [0.5f, 1, 2]);
        using var batch = loader.Epoch(0).ToBlockingEnumerable().Single();
        Assert.Equal([2, 3, 1, 2], batch.Images.Shape.ToArray());
        float[] expected = [-1, -0.2f, 0.2f, 0.6f, 0.5f, 0.4f, -0.2f, -1, 0.6f, 0.2f, 0.4f, 0.5f];
        Assert.All(expected.Zip(batch.Images.ToArray<float>()), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        Assert.Equal([7L, 1], batch.Labels!.ToArray<long>());
        Assert.Equal(["a.png", "b.png"], batch.Names);
        Assert.Equal([0, 1], batch.Indices);
        Assert.Null(batch.Targets);
    }

    [Fact]
    public void One_item_makes_one_batch()
    {
        var read = Read(Loader(Pictures(1), new() { BatchSize = 32, Threads = 8, Shuffle = true }), 0);
        Assert.Equal([0], Assert.Single(read).Indices);
    }

    [Fact]
    public void A_set_without_items_is_refused() =>
        Assert.Contains("no items", Assert.Throws<DataException>(() => Loader(Pictures(0), new())).Message);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_broken_item_stops_the_epoch_with_its_name_after_the_batches_before_it(int threads)
    {
        var loader = Loader(Breaking(20, 9, 10), new() { BatchSize = 4, Threads = threads });
        var batches = 0;
        var error = Assert.Throws<DataException>(() =>
        {
            foreach (var batch in loader.Epoch(0).ToBlockingEnumerable(TestContext.Current.CancellationToken))
            {
                batches++;
                batch.Dispose();
            }
        });
        Assert.Equal(2, batches);
        Assert.StartsWith("item 9: it is torn", error.Message);
        Assert.Equal(Remedy.LeaveOut, Assert.IsType<DataException>(error).Remedy);
    }

    [Fact]
    public void Broken_items_are_skipped_and_reported_where_that_is_asked()
    {
        var faults = new System.Collections.Concurrent.ConcurrentBag<ItemFault>();
        var options = new DataLoaderOptions { BatchSize = 4, Threads = 3, OnFault = FaultPolicy.Skip, Fault = faults.Add };
        var read = Read(Loader(Breaking(12, 4, 6), options), 0);
        Assert.Equal([[0, 1, 2, 3], [5, 7], [8, 9, 10, 11]], read.Select(b => b.Indices));
        Assert.Equal(["item 4", "item 6"], faults.Select(f => f.Name).Order());
        var whole = Read(Loader(Pictures(12), options), 0);
        const int floats = 3 * 12 * 12;
        // what is left is what it would have been
        Assert.Equal([.. whole[1].Pixels[floats..(2 * floats)], .. whole[1].Pixels[(3 * floats)..]], read[1].Pixels);
    }

    [Fact]
    public void A_batch_of_which_nothing_is_left_stops_even_where_items_are_skipped()
    {
        var loader = Loader(Breaking(8, 4, 5, 6, 7), new() { BatchSize = 4, OnFault = FaultPolicy.Skip });
        Assert.Contains("none of the 4 items", Assert.Throws<DataException>(() => Read(loader, 0)).Message);
    }

    [Fact]
    public void A_hanging_item_is_named_or_skipped_after_the_time_it_may_take()
    {
        using var release = new ManualResetEventSlim();
        var data = Datasets.Procedural(12, 1, (ref random, index) =>
        {
            if (index == 5)
                release.Wait(TimeSpan.FromSeconds(30));
            return Picture(ref random, index);
        });
        var options = new DataLoaderOptions { BatchSize = 4, Threads = 1, ItemTimeout = TimeSpan.FromMilliseconds(100) };
        var error = Assert.Throws<DataException>(() => Read(Loader(data, options), 0));
        Assert.StartsWith("item 5: reading it took longer than 0.1 s", error.Message);
        var read = Read(Loader(data, options with { OnFault = FaultPolicy.Skip }), 0);
        Assert.Equal([[0, 1, 2, 3], [4, 6, 7], [8, 9, 10, 11]], read.Select(b => b.Indices));
        release.Set();
    }

    [Fact]
    public async Task Cancelling_ends_the_epoch_and_its_threads()
    {
        var loads = 0;
        var data = Datasets.Procedural(1000, 1, (ref random, index) =>
        {
            Interlocked.Increment(ref loads);
            return Picture(ref random, index);
        });
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var batch in Loader(data, new() { BatchSize = 4, Threads = 4 }).Epoch(0, 0, cancel.Token))
            {
                batch.Dispose();
                await cancel.CancelAsync();
            }
        });
        var after = Volatile.Read(ref loads);
        await Task.Delay(30, TestContext.Current.CancellationToken);
        Assert.Equal(after, Volatile.Read(ref loads));
        Assert.True(after <= 4 * 4, $"{after} items were read: more than the batch in use and those ahead of it");
    }

    [Fact]
    public void Reading_ahead_is_bounded()
    {
        var loads = 0;
        var data = Datasets.Procedural(1000, 1, (ref random, index) =>
        {
            Interlocked.Increment(ref loads);
            return Picture(ref random, index);
        });
        using var epoch = Loader(data, new() { BatchSize = 4, Prefetch = 3, Threads = 4 }).Epoch(0)
            .ToBlockingEnumerable(TestContext.Current.CancellationToken).GetEnumerator();
        Assert.True(epoch.MoveNext());
        epoch.Current.Dispose();
        Thread.Sleep(50);
        Assert.InRange(Volatile.Read(ref loads), 4, 4 * 4);
    }

    [Fact]
    public void Pictures_of_two_sizes_are_refused_with_both_names()
    {
        var data = Datasets.Procedural(2, 1, (ref _, index) => new ImageExample(new Image(5 + index, 5)));
        var error = Assert.Throws<DataException>(() => Read(ImageLoader.Create(data, [], new() { BatchSize = 2, Threads = 1 }), 0));
        Assert.Contains("item 1", error.Message);
        Assert.Contains("6 x 5", error.Message);
        Assert.Contains("item 0", error.Message);
    }

    [Fact]
    public void A_label_out_of_range_or_missing_is_refused_with_its_item()
    {
        var data = Datasets.InMemory([new ImageExample(new Image(4, 4)) { Label = 0 },
            new ImageExample(new Image(4, 4)) { Label = 3, Name = "three.png" }]);
        Assert.Contains("three.png: its label 3 is outside 0 to 2",
            Assert.Throws<DataException>(() => Read(ImageLoader.Create(data, [], classes: 3), 0)).Message);
        var some =
            Datasets.InMemory([new ImageExample(new Image(4, 4)) { Label = 0 }, new ImageExample(new Image(4, 4)) { Name = "bare.png" }]);
        Assert.Contains("bare.png: it has no label", Assert.Throws<DataException>(() => Read(ImageLoader.Create(some, []), 0)).Message);
    }

    [Fact]
    public void Targets_that_are_no_numbers_are_refused_with_their_item()
    {
        var data = Datasets.InMemory([new ImageExample(new Image(4, 4)) { Targets = [0, float.NaN], Name = "soft.png" }]);
        Assert.Contains("soft.png: its targets hold NaN",
            Assert.Throws<DataException>(() => Read(ImageLoader.Create(data, []), 0)).Message);
    }

    [Fact]
    public void Disposed_batches_leave_no_tensors_and_their_memory_is_used_again()
    {
        var before = TensorDiagnostics.Unfreed;
        var addresses = new HashSet<nint>();
        var loader = Loader(Pictures(200), new() { BatchSize = 4, Prefetch = 2 });
        foreach (var batch in loader.Epoch(0).ToBlockingEnumerable(TestContext.Current.CancellationToken))
        {
            addresses.Add(batch.Images.Storage.Address);
            batch.Dispose();
        }
        Assert.Equal(before, TensorDiagnostics.Unfreed);
        Assert.True(addresses.Count <= 4, $"50 batches lay in {addresses.Count} places");
    }

    [Fact]
    public void An_epoch_that_is_left_early_leaves_no_tensors()
    {
        var before = TensorDiagnostics.Unfreed;
        for (var k = 0; k < 20; k++)
        {
            foreach (var batch in Loader(Pictures(64), new() { BatchSize = 4, Prefetch = 3, Threads = 3 }).Epoch(k)
                .ToBlockingEnumerable(TestContext.Current.CancellationToken))
            {
                batch.Dispose();
                break;
            }
        }
        Assert.Equal(before, TensorDiagnostics.Unfreed);
    }

    private static DataLoader<ImageExample, ImageBatch> Loader(IDataset<ImageExample> data, DataLoaderOptions options) =>
        ImageLoader.Create(data, Augment, options);

    private static IDataset<ImageExample> Pictures(int count) => Datasets.Procedural(count, 3, Picture);

    private static IDataset<ImageExample> Breaking(int count, params int[] broken) => Datasets.Procedural(count, 3, (ref random, index) =>
        broken.Contains(index) ? throw new InvalidDataException("it is torn") : Picture(ref random, index));

    private static ImageExample Picture(ref AugmentationRandom random, int index)
    {
        var image = new Image(20 + random.Next(10), 20 + random.Next(10));
        foreach (ref var sample in image.Pixels)
            sample = (byte)random.Next(256);
        return new ImageExample(image) { Label = index % 3 };
    }

    private sealed record Seen(int[] Indices, float[] Pixels);

    private static List<Seen> Read(DataLoader<ImageExample, ImageBatch> loader, int epoch, int first = 0)
    {
        var batches = new List<Seen>();
        foreach (var batch in loader.Epoch(epoch, first).ToBlockingEnumerable(TestContext.Current.CancellationToken))
        {
            batches.Add(new Seen([.. batch.Indices], batch.Images.ToArray<float>()));
            batch.Dispose();
        }
        return batches;
    }
}
