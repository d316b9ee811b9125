namespace Sconce.Data.Downloads;

/// <summary>How an unpacked public set lies in its folder.</summary>
public enum DatasetLayout
{
    /// <summary>For <see cref="CifarBinary.Read"/>.</summary>
    Cifar,

    /// <summary>One subfolder a class, for <see cref="ImageFolder.Open"/>; <c>train</c> and <c>val</c> above where the set is split
    /// so.</summary>
    Folders,

    /// <summary>For <see cref="DetectionDataset.OpenVoc"/>.</summary>
    Voc,
}

/// <summary>A data set that its publisher gives to everybody.</summary>
/// <param name="Name">What one calls it: <c>cifar-10</c>.</param>
/// <param name="Address">Its archive.</param>
/// <param name="Bytes">The archive's length.</param>
/// <param name="Sha256">The archive's checksum.</param>
/// <param name="Folder">The folder inside the archive where the set begins.</param>
/// <param name="Layout">How it lies there.</param>
public sealed record PublicDataset(string Name, Uri Address, long Bytes, string Sha256, string Folder, DatasetLayout Layout);

/// <summary>
/// The public sets. Lengths and checksums are those that TensorFlow Datasets records for the same addresses (tensorflow/datasets,
/// url_checksums/ and datasets/imagenette/checksums.tsv). Their publishers' terms are the user's to keep.
/// </summary>
public static class PublicDatasets
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<PublicDataset> All { get; } =
    [
        Of("cifar-10", "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", 170_052_171,
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd", "cifar-10-batches-bin", DatasetLayout.Cifar),
        Of("cifar-100", "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz", 168_513_733,
            "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec", "cifar-100-binary", DatasetLayout.Cifar),
        Of("imagenette", "https://s3.amazonaws.com/fast-ai-imageclas/imagenette2.tgz", 1_557_161_267,
            "6cbfac238434d89fe99e651496f0812ebc7a10fa62bd42d6874042bf01de4efd", "imagenette2", DatasetLayout.Folders),
        Of("imagenette-320", "https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-320.tgz", 341_663_724,
            "569b4497c98db6dd29f335d1f109cf315fe127053cedf69010d047f0188e158c", "imagenette2-320", DatasetLayout.Folders),
        Of("imagenette-160", "https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-160.tgz", 99_003_388,
            "64d0c4859f35a461889e0147755a999a48b49bf38a7e0f9bd27003f10db02fe5", "imagenette2-160", DatasetLayout.Folders),
        Of("food-101", "http://data.vision.ee.ethz.ch/cvl/food-101.tar.gz", 4_996_278_331,
            "d97d15e438b7f4498f96086a4f7e2fa42a32f2712e87d3295441b2b6314053a4", "food-101/images", DatasetLayout.Folders),
        Of("voc-2007", "http://pjreddie.com/media/files/VOCtrainval_06-Nov-2007.tar", 460_032_000,
            "7d8cd951101b0957ddfd7a530bdc8a94f06121cfc1e511bb5937e973020c7508", "VOCdevkit/VOC2007", DatasetLayout.Voc),
        Of("voc-2007-test", "http://pjreddie.com/media/files/VOCtest_06-Nov-2007.tar", 451_020_800,
            "6836888e2e01dca84577a849d339fa4f73e1e4f135d312430c4856b5609b4892", "VOCdevkit/VOC2007", DatasetLayout.Voc),
        Of("voc-2012", "http://pjreddie.com/media/files/VOCtrainval_11-May-2012.tar", 1_999_639_040,
            "e14f763270cf193d0b5f74b169f44157a4b0c6efa708f4dd0ff78ee691763bcb", "VOCdevkit/VOC2012", DatasetLayout.Voc),
    ];

    /// <summary>The set of a name.</summary>
    /// <exception cref="DataException">No such set; the message names the nearest.</exception>
    public static PublicDataset Get(string name) =>
        All.FirstOrDefault(set => string.Equals(set.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new DataException($"there is no public data set '{name}'. {NearestNames.Suggest(name, All.Select(set => set.Name))}");

    /// <summary>Downloads a set unless it is there, checks and unpacks it; what was cut short goes on.</summary>
    /// <param name="set">Of <see cref="All"/>, or one's own.</param>
    /// <param name="root">Where sets are kept; <see cref="CacheFolder"/>'s <c>data</c> where left out.</param>
    /// <param name="downloader">The caller's own; a new one where left out.</param>
    /// <param name="progress">Bytes, then files.</param>
    /// <param name="cancellationToken">What came so far stays.</param>
    /// <returns>The folder where the set begins.</returns>
    /// <exception cref="DownloadException">The archive does not come, or not as published.</exception>
    /// <exception cref="DataException">The archive cannot be unpacked.</exception>
    public static async Task<string> PullAsync(PublicDataset set, string? root = null, Downloader? downloader = null,
        IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        root ??= CacheFolder.Of("data");
        var unpacked = Path.Combine(root, set.Name);
        var folder = Path.Combine(unpacked, set.Folder);
        if (Directory.Exists(folder))
            return folder;
        using var own = downloader is null ? new Downloader() : null;
        var archive = Path.Combine(root, "archives", Path.GetFileName(set.Address.LocalPath));
        var options = new DownloadOptions { Sha256 = set.Sha256, Length = set.Bytes };
        await (downloader ?? own!).DownloadAsync(set.Address, archive, options, progress, cancellationToken).ConfigureAwait(false);
        await TarArchive.UnpackAsync(archive, unpacked, progress, cancellationToken).ConfigureAwait(false);
        return Directory.Exists(folder)
            ? folder : throw new DataException(archive, $"the archive holds no folder '{set.Folder}': its publisher has changed it");
    }

    private static PublicDataset Of(string name, string address, long bytes, string sha256, string folder, DatasetLayout layout) =>
        new(name, new Uri(address), bytes, sha256, folder, layout);
}
