"""The terms, a row each.

A row's `find` is a text in the cell that introduces it; the cell's id is looked up in the notebook, so that a cell may
move or be reworded around it. A chapter adds its own rows, in alphabetical order.
"""

from __future__ import annotations

from typing import NamedTuple


class Term(NamedTuple):
    """A term, one sentence on it, the number of the chapter that introduces it, and a text of the introducing cell."""

    name: str
    meaning: str
    chapter: str
    find: str


TERMS = [
    Term("accuracy", "The share of examples that are classified correctly.", "00", "**accuracy**"),
    Term("activation", "The function that bends a neuron's weighted sum.", "02", "**activation**"),
    Term("Adam", "An optimizer with momentum and a step size of its own for each parameter.", "08", "## Adam"),
    Term("adjacency matrix", "A table with 1 where two nodes share an edge.", "24", "**adjacency"),
    Term("adversarial training", "Training on inputs that were attacked.", "25", "## Train on the attacks"),
    Term("attention", "A weighted mean of values, weighted by how well queries match keys.", "22", "**Attention**"),
    Term(
        "attention pooling", "A weighted mean over positions whose weights are computed.", "16", "**Attention pooling**"
    ),
    Term("augmentation", "Changing training inputs in ways that leave the answer as it is.", "10", "## Augmentation"),
    Term("autoencoder", "Encoder and decoder that copy the input through a narrow code.", "23", "**decoder**"),
    Term("autograd", "Computing gradients from a recorded graph of operations.", "04", "**autograd**"),
    Term("backbone", "The pretrained part of a network that turns inputs into features.", "18", "**backbone**"),
    Term("batch normalisation", "Standardising each channel over the batch.", "06", "## Batch normalisation"),
    Term(
        "bias and variance",
        "Error from a model too stiff, and from one that follows its sample.",
        "10",
        "## Bias and variance",
    ),
    Term("bootstrap", "Drawing rows with replacement to see how much a figure varies.", "19", "**bootstrap**"),
    Term(
        "byte-pair encoding", "Joining the most frequent neighbours into tokens, again and again.", "22", "**Byte-pair"
    ),
    Term("calibration", "Whether events given 70% happen in 70% of cases.", "19", "**calibration**"),
    Term("causal mask", "Forbids a position to look at later ones.", "22", "**causal mask**"),
    Term(
        "classifier-free guidance",
        "Pushing a sample away from what no label would give.",
        "23",
        "**Classifier-free guidance**",
    ),
    Term("confusion matrix", "Counts by true and by predicted class.", "19", "**confusion matrix**"),
    Term("convolution", "A small kernel that slides, and takes a dot product in each place.", "06", "**convolution**"),
    Term("cross-entropy", "Minus the logarithm of the probability given to the true class.", "03", "## One of many"),
    Term(
        "cross-validation",
        "Each fold is measured by a model that was fitted on the others.",
        "19",
        "**Cross-validation**",
    ),
    Term(
        "differential privacy", "Outcomes hardly depend on any one person's data.", "27", "**differentially private**"
    ),
    Term("diffusion", "Learning to remove noise, step by step, from nothing but noise.", "23", "**Diffusion**"),
    Term("distillation", "Training a small network to answer as a large one does.", "26", "**distillation**"),
    Term("drift (of clients)", "Clients that train alone move apart, each towards its own data.", "27", "**drift**"),
    Term("drift (of inputs)", "Inputs that come to differ from those of training.", "21", "**drift**"),
    Term("dropout", "Setting random units to zero in training.", "10", "## Dropout"),
    Term("early stopping", "Keeping the parameters of the best validation epoch.", "10", "## Early stopping"),
    Term("embedding", "A table of trained vectors, one for each token.", "16", "**embedding**"),
    Term("ensemble", "The mean answer of several networks.", "15", "**ensemble**"),
    Term("epoch", "One pass through the training data.", "05", "**epoch**"),
    Term(
        "equivariance",
        "Relabel or shift the input, and the output follows alike.",
        "24",
        "**equivariance to relabelling**",
    ),
    Term("federated averaging", "Clients train, a server averages their parameters.", "27", "**federated averaging**"),
    Term("FGSM", "An attack: one step along the sign of the gradient.", "25", "**fast gradient sign method**"),
    Term(
        "Fréchet distance",
        "How far two sets are apart, by mean and covariance of features.",
        "23",
        "**Fréchet distance**",
    ),
    Term("GAN", "A generator and a discriminator that train against each other.", "23", "**GAN**"),
    Term("GPT", "Causal transformer blocks that give the next token's probabilities.", "22", "**GPT**"),
    Term("gradient", "All partial derivatives: the direction of steepest rise.", "04", "**gradient**"),
    Term("gradient descent", "Steps against the gradient.", "08", "**gradient descent**"),
    Term("gradient masking", "A defence that hides the gradient and protects nothing.", "25", "**gradient masking**"),
    Term("graph convolution", "A linear layer, then a normalised sum over neighbours.", "24", "**graph convolution**"),
    Term("GRU", "A recurrent cell with a reset gate and an update gate.", "07", "**gated recurrent unit**"),
    Term("He's rule", "Starting weights with variance 2 / fan-in, for ReLU.", "11", "**He's rule**"),
    Term("heads", "Attentions side by side, each with its own queries, keys and values.", "22", "**heads**"),
    Term("hidden state", "What a recurrent network remembers from step to step.", "07", "**hidden state**"),
    Term("Huber loss", "Squared for small errors, linear for large ones.", "03", "**Huber**"),
    Term("hyperparameter", "A number that is set before training.", "20", "**hyperparameters**"),
    Term("hypervolume", "The area that a front dominates: one number for the whole of it.", "27", "**hypervolume**"),
    Term(
        "integrated gradients",
        "Gradients averaged on the way from a baseline, times the change.",
        "25",
        "## Integrated gradients",
    ),
    Term("KV cache", "Keys and values of old positions, kept while writing.", "22", "**KV cache**"),
    Term("label smoothing", "Targets a little below 1 and above 0.", "15", "**Label smoothing**"),
    Term("leak", "Information about the test data that reaches training.", "15", "**leak**"),
    Term("logits", "Scores before the softmax.", "02", "**logits**"),
    Term("low-rank adapter", "A small product of two matrices added to a frozen weight.", "18", "**low-rank adapter**"),
    Term("LSTM", "A recurrent cell with a memory behind gates.", "07", "**long short-term memory**"),
    Term(
        "masked language model",
        "A model trained to say what was hidden, from both sides.",
        "22",
        "**masked language model**",
    ),
    Term("message passing", "Each node combines what its neighbours send.", "24", "**message-passing**"),
    Term("mini-batch", "The few examples of one training step.", "05", "**mini-batch**"),
    Term("mixup", "Mixing two examples and their targets.", "15", "**Mixup**"),
    Term("mode collapse", "A generator that makes only a few kinds of samples.", "23", "### Mode collapse"),
    Term("momentum", "A running sum of gradients that the parameters follow.", "08", "## Momentum"),
    Term("n-gram", "A model that counts what followed the last n - 1 tokens.", "22", "**n-gram**"),
    Term("nats", "The unit of a loss that is a natural logarithm.", "22", "**nats**"),
    Term("one-cycle", "A rate that rises, then falls far below its start.", "09", "**One-cycle**"),
    Term("ONNX", "A file format for networks as graphs.", "14", "**ONNX**"),
    Term("over-smoothing", "With depth, all nodes of a graph become alike.", "24", "**over-smoothing**"),
    Term("overfitting", "Training error falls while validation error rises.", "10", "**overfitting**"),
    Term("Pareto front", "The candidates that no other beats in every objective.", "27", "**Pareto front**"),
    Term(
        "PGD",
        "An attack in many small steps, each pulled back into the allowed set.",
        "25",
        "**Projected gradient descent**",
    ),
    Term("pinball loss", "The loss whose minimum is a quantile.", "17", "**pinball loss**"),
    Term(
        "policy gradient",
        "Making actions likelier in proportion to the return that followed.",
        "27",
        "**policy gradient**",
    ),
    Term("pooling", "One number, such as the largest, for each small window.", "06", "## Pooling"),
    Term("probe", "A small classifier that shows what a layer knows.", "25", "**probe**"),
    Term("pruning", "Setting weights to zero, or leaving whole units out.", "26", "**Magnitude pruning**"),
    Term("quantisation", "Storing numbers with fewer bits.", "21", "**Quantising**"),
    Term(
        "quantisation-aware training",
        "Training with rounded weights, so that rounding costs less.",
        "26",
        "**Quantisation-aware training**",
    ),
    Term("readout", "One vector for a whole graph, from those of its nodes.", "24", "**readout**"),
    Term("receptive field", "The inputs that an output can depend on.", "06", "**receptive field**"),
    Term("regularisation", "Whatever narrows the gap between training and new data.", "10", "**regularisation**"),
    Term("ReLU", "max(0, x).", "02", "## Hinges: ReLU"),
    Term(
        "reparametrisation", "Writing a random draw so that gradients pass through it.", "23", "**reparametrisation**"
    ),
    Term("residual block", "y = x + f(x): a shortcut around layers.", "06", "**residual block**"),
    Term("return", "The discounted sum of the rewards from a step on.", "27", "**return**"),
    Term("ROC curve", "True against false positives for every threshold.", "19", "**ROC**"),
    Term("rotary positions", "Turning queries and keys by an angle that grows with the position.", "22", "**Rotary**"),
    Term("saliency map", "How much each input would move the answer: the gradient's size.", "25", "**saliency map**"),
    Term("schedule", "How the learning rate changes during training.", "09", "**schedule**"),
    Term("seasonality", "A pattern that repeats by day, week or year.", "17", "**seasonality**"),
    Term("Shapley value", "A feature's mean contribution over all orders of features.", "25", "**SHAP**"),
    Term("softmax", "Turns scores into probabilities that add up to 1.", "02", "## Softmax"),
    Term("successive halving", "Training many for a short time, the best half on.", "20", "**Successive halving**"),
    Term("temperature", "A divisor of the logits: above 1 softer, below 1 sharper.", "02", "**temperature**"),
    Term("TF-IDF", "Word counts, weighted by how rare a word is.", "16", "**TF-IDF**"),
    Term("token", "A piece of text with a number of its own.", "16", "**tokens**"),
    Term("top-p", "Drawing from the fewest tokens that together hold a share p.", "22", "**Top-p**"),
    Term("TPE", "Search that compares where good and bad trials are dense.", "20", "**TPE**"),
    Term("transfer learning", "Starting from a network trained on other data.", "18", "# 18 Transfer learning"),
    Term(
        "universal approximation",
        "One wide hidden layer can draw any smooth function.",
        "05",
        "**universal approximation**",
    ),
    Term("VAE", "An autoencoder whose codes are Gaussian, trained on a bound.", "23", "**VAE**"),
    Term("vanishing gradient", "Many factors below 1 leave nothing of a gradient.", "02", "**vanishing gradient**"),
    Term("vision transformer", "A transformer whose tokens are patches of a picture.", "22", "**vision transformer**"),
    Term("warm-up", "Small rates at the beginning.", "09", "**warm-up**"),
    Term("weight decay", "Shrinking weights a little in each step.", "10", "**weight decay**"),
    Term("winner's curse", "The best of many measurements is partly lucky.", "20", "**winner's curse**"),
    Term("zero point", "The whole number that stands for 0.", "26", "**zero point**"),
]
