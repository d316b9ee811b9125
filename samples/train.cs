#:project ../src/Sconce.Systems/Sconce.Systems.csproj
#:property PublishAot=false

// A classifier from a folder of pictures, a class a subfolder: dotnet run train.cs -- photos/ run/
// The run can be stopped and started again: it goes on where it stood.
using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Optim;
using Sconce.Systems;
using Sconce.Training;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: dotnet run train.cs -- PICTURES RUN");
    return 2;
}

const int Size = 32, Epochs = 3;
var pictures = ImageFolder.Open(args[0]);
var order = new DataLoaderOptions { BatchSize = 8, Shuffle = true };
var loader = ImageLoader.Create(pictures, [new Resize(Size, Size)], order, classes: pictures.Classes.Count);
using var network = Models.Create("resnet20", classes: pictures.Classes.Count);
var schedule = LearningRateSchedule.Cosine(0.05, Epochs * loader.BatchesPerEpoch);
var player = new Player("classifier", network, new Sgd(network.Parameters(), 0.05, momentum: 0.9), schedule);
using var program = new ClassifierProgram(network, player, new LabelLoss(pictures.Classes.Count));
using var folder = RunFolder.Open(args[1]);
var trainer = new Trainer<ImageBatch>(program, loader, new TrainerOptions { Epochs = Epochs })
{
    Folder = folder,
    Evaluate = cancellation => ClassifierEvaluation.Run(network, loader, pictures.Classes.Count, cancellation: cancellation).Figures(),
};
trainer.Run();
Console.WriteLine($"trained on {pictures.Count} pictures of {string.Join(", ", pictures.Classes)}: {args[1]}");
return 0;
