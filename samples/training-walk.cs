#:project ../src/Sconce.Systems/Sconce.Systems.csproj
#:property PublishAot=false

// A walk through training a classifier of one's own, as a notebook would have it: dotnet run training-walk.cs -- photos/ walk/
// photos/ holds a subfolder a class. Each step below leaves its figures on one page, walk/walk.html, which opens offline.
// Change a step and run it again: what is slow (the training) goes on where it stood while walk/run is there.
using Sconce.Abilities;
using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Optim;
using Sconce.Reports;
using Sconce.Systems;
using Sconce.Torch;
using Sconce.Training;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: dotnet run training-walk.cs -- PICTURES FOLDER");
    return 2;
}

const int Size = 32, Epochs = 8, Batch = 8;
var (photos, place) = (args[0], args[1]);
Directory.CreateDirectory(place);
var page = new StandalonePage("A classifier of one's own");

// 1. What is there? Broken files, classes of unlike size, pictures that stand in two classes: better known before than after.
var looked = PictureInspection.Of(photos);
Console.WriteLine($"{looked.Pictures.Count} pictures, {looked.Broken.Count} of them broken");
page.Heading("What is there")
    .Table(new Rows(["class", "pictures"], [.. looked.Classes.Select(one => (object?[])[one.Class, (long)one.Count])]))
    .Paragraph($"{looked.Broken.Count} files cannot be read; {looked.Duplicates.Count} groups of pictures are there more than once, "
        + $"{looked.InTwoClasses.Count} of them under two classes.")
    .Picture("some of each class", looked.ContactSheet(32, 64));

// 2. A part to learn from and a part to be asked about, of every class its share.
var pictures = ImageFolder.Open(photos);
var (train, test) = pictures.SplitByLabel(pictures.Labels, share: 0.75, seed: 1);
int classes = pictures.Classes.Count;
page.Heading("In two parts").Paragraph($"{train.Count} pictures to learn from, {test.Count} to be asked about.");

// 3. What the network sees: each picture is cut and mirrored at random, in another way every time.
Pipeline augmentation = [new RandomCrop(Size) { ShortSide = Size, Padding = Size / 8 }, new RandomHorizontalFlip()];
var shuffled = new DataLoaderOptions { BatchSize = Batch, Shuffle = true, Seed = 1 };
var learning = ImageLoader.Create(train, augmentation, shuffled, classes: classes);
var asking = ImageLoader.Create(test, [new Resize(Size, Size)], new DataLoaderOptions { BatchSize = Batch }, classes: classes);

// 4. A network, an optimiser, a schedule: who learns what.
TorchRuntime.ManualSeed(1);
using var network = Models.Create("resnet20", classes: classes);
var player = new Player("classifier", network, new Sgd(network.Parameters(), 0.05, momentum: 0.9),
    LearningRateSchedule.Cosine(0.05, Epochs * learning.BatchesPerEpoch)) { ClipNorm = 1 };
using var program = new ClassifierProgram(network, player, new LabelLoss(classes));
Console.WriteLine($"resnet20: {network.ParameterCount:N0} numbers to be learned");

// 5. Training. The folder keeps everything: stopped at any moment, the program goes on where it was.
string run = Path.Combine(place, "run");
using (var folder = RunFolder.Open(run))
{
    folder.Evaluated = evaluation => Console.WriteLine($"epoch {evaluation.Epoch}: accuracy {evaluation.Figures["accuracy"]:0.000}");
    new Trainer<ImageBatch>(program, learning, new TrainerOptions { Epochs = Epochs })
    {
        Folder = folder,
        Evaluate = cancellation => ClassifierEvaluation.Run(network, asking, classes, cancellation: cancellation).Figures(),
    }.Run();
}

// 6. How it went: the log, read back.
var history = RunHistory.Read(run);
double[] steps = [.. history.Steps.Select(step => (double)step.Step)], ends = [.. history.Evaluations.Select(one => (double)one.Step)];
page.Heading("How it went")
    .Chart("loss", "step", new PlottedLine("training", steps, [.. history.Steps.Select(step => step.Loss)]),
        new PlottedLine("held out", ends, [.. history.Evaluations.Select(one => one.Figures["loss"])]))
    .Chart("accuracy", "step", new PlottedLine("held out", ends, [.. history.Evaluations.Select(one => one.Figures["accuracy"])]))
    .Chart("learning rate", "step", new PlottedLine("rate", steps, [.. history.Steps.Select(step => step.Rate)]));

// 7. Who is taken for whom, and how sure the network is where it is wrong.
var items = new List<int>();
var metrics = ClassifierEvaluation.Run(network, asking, classes, items: items);
page.Heading("Who is taken for whom").Table(new Rows(["truth", .. pictures.Classes],
    [.. Enumerable.Range(0, classes).Select(truth => (object?[])
        [pictures.Classes[truth], .. Enumerable.Range(0, classes).Select(answer => (object?)metrics.Confusion[truth, answer])])]));
var detail = ClassifierDetail.Of(metrics, items, test, pictures.Classes);
page.Heading("The worst mistakes");
if (detail.Mistakes.Count == 0) page.Paragraph("There are none.");
foreach (var mistake in detail.Mistakes.Take(8))
{
    if (mistake.Thumbnail is { } shown)
        page.Picture($"{mistake.Label}, taken for {mistake.Answer} ({mistake.Confidence:P0})", shown);
}

string path = Path.Combine(place, "walk.html");
File.WriteAllText(path, page.Render());
Console.WriteLine($"accuracy {metrics.Accuracy:0.000} on {test.Count} held-out pictures of {string.Join(", ", pictures.Classes)}: {path}");
return 0;
