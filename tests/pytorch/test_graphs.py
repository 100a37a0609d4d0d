"""Graph layers in plain PyTorch: equal to PyTorch Geometric's, on any device, with sentences for bad input."""

import warnings

import pytest
import torch

from nnlab.pytorch import graphs
from nnlab.pytorch.graph_models import CURES, DeepGCN, MoleculeNet, pair_norm

with warnings.catch_warnings():  # its import calls a function of PyTorch that is on its way out
    warnings.filterwarnings("ignore", "`torch.jit.script` is deprecated", FutureWarning)
    import torch_geometric.nn as geometric

LAYERS = {
    "GCNConv": (3, 4),
    "SAGEConv": (3, 4),
    "GATConv": (3, 4),
    "GATConv heads": (3, 4, 3),
}


def graph(seed=0, nodes=8, edges=20):
    torch.manual_seed(seed)
    e = torch.randint(nodes - 1, (2, edges))  # the last node is alone
    return torch.randn(nodes, 3, dtype=torch.float64), e


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("seed", range(3))
def test_equal_to_pytorch_geometric(name, seed):
    x, edges = graph(seed)
    ours, theirs = (getattr(room, name.split()[0])(*LAYERS[name]).double() for room in (graphs, geometric))
    for p in ours.parameters():
        torch.nn.init.normal_(p)
    theirs.load_state_dict(ours.state_dict())
    grads = []
    for layer in (ours, theirs):
        mine = x.clone().requires_grad_()
        layer(mine, edges).pow(2).sum().backward()
        grads.append([mine.grad, *(p.grad for _, p in sorted(layer.named_parameters()))])
    torch.testing.assert_close(ours(x, edges), theirs(x, edges), atol=1e-10, rtol=0)
    for a, b in zip(*grads, strict=True):
        torch.testing.assert_close(a, b, atol=1e-8, rtol=1e-8)


def test_gine_is_pytorch_geometrics():
    x, edges = graph()
    attr = torch.randn(20, 2, dtype=torch.float64)
    ours = graphs.GINEConv(torch.nn.Linear(3, 4), 3, 2).double()
    theirs = geometric.GINEConv(torch.nn.Linear(3, 4), edge_dim=2).double()
    theirs.load_state_dict({**ours.state_dict(), "eps": torch.zeros(1)})
    torch.testing.assert_close(ours(x, edges, attr), theirs(x, edges, attr), atol=1e-10, rtol=0)


def test_pair_norm_is_pytorch_geometrics():
    h = torch.randn(7, 3, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(pair_norm(h), geometric.PairNorm(eps=1e-6)(h))


def test_attention_adds_up_to_1():
    x, edges = graph()
    layer = graphs.GATConv(3, 4, heads=2).double()
    loops = graphs.with_loops(edges, 8)
    weight = layer.attention(1e3 * layer.lin(x).view(-1, 2, 4), loops)  # scores in the hundreds do not overflow
    assert weight.isfinite().all()
    torch.testing.assert_close(graphs.segment_sum(weight, loops[1], 8), torch.ones(8, 2).double())


@pytest.mark.parametrize("name", LAYERS)
def test_relabelling_the_nodes_relabels_the_answers(name):
    x, edges = graph()
    layer = getattr(graphs, name.split()[0])(*LAYERS[name]).double()
    order = torch.randperm(8)
    torch.testing.assert_close(layer(x[order], order.argsort()[edges]), layer(x, edges)[order], atol=1e-10, rtol=0)


@pytest.mark.parametrize("name", LAYERS)
def test_any_device_and_type(name):
    """The meta device has no values, so a tensor that were made elsewhere would be an error."""
    make = getattr(graphs, name.split()[0])
    with torch.device("meta"):
        layer, x, edges = make(*LAYERS[name]), torch.empty(8, 3), torch.empty(2, 20, dtype=torch.long)
    assert layer(x, edges).is_meta
    x, edges = graph()
    half = make(*LAYERS[name]).bfloat16()
    assert half(x.bfloat16(), edges).dtype == torch.bfloat16


def test_molecule_net_on_any_device_and_type():
    with torch.device("meta"):
        net = MoleculeNet(5, 2, hidden=8)
        e, batch = torch.empty(2, 20, dtype=torch.long), torch.empty(8, dtype=torch.long)
        y = net(torch.empty(8, 5), e, torch.empty(20, 2), batch, 3)
    assert y.is_meta and y.shape == (3,)
    _, edges = graph()
    half = MoleculeNet(5, 2, hidden=8).bfloat16()
    ones = dict(dtype=torch.bfloat16)
    y = half(torch.ones(8, 5, **ones), edges, torch.ones(20, 2, **ones), torch.arange(8) // 3, 3)
    assert y.dtype == torch.bfloat16


def test_a_molecules_number_is_the_mean_of_its_shares():
    torch.manual_seed(0)
    net = MoleculeNet(5, 2, hidden=8).eval()
    _, edges = graph()
    x, attr, batch = torch.randn(8, 5), torch.randn(20, 2), torch.tensor([0, 0, 0, 0, 1, 1, 1, 1])
    edges = edges[:, batch[edges[0]] == batch[edges[1]]]
    attr = attr[: edges.shape[1]]
    shares = net.shares(x, edges, attr)
    torch.testing.assert_close(net(x, edges, attr, batch, 2), shares.view(2, 4).mean(dim=1))
    order = torch.randperm(8)
    moved = net(x[order], order.argsort()[edges], attr, batch[order], 2)
    torch.testing.assert_close(moved, net(x, edges, attr, batch, 2))


@pytest.mark.parametrize("cure", CURES)
def test_deep_networks_give_logits(cure):
    torch.manual_seed(0)
    net = DeepGCN(6, 4, 3, cure).eval()
    table = torch.eye(6)
    assert net(table).shape == (6, 4) and len(net.states(table)) == 4
    net(table).sum().backward()
    assert all(p.grad is not None for p in net.parameters())


def test_a_deep_layer_is_a_graph_convolution():
    torch.manual_seed(0)
    e = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])
    root = torch.tensor([2.0, 3, 2]).rsqrt()
    table = (torch.eye(3) + torch.zeros(3, 3).index_put((e[1], e[0]), torch.ones(4))) * root[:, None] * root
    net, conv = DeepGCN(3, 2, 1).eval(), graphs.GCNConv(16, 16)
    conv.lin.weight.data, conv.bias.data = net.convs[0].weight.data, net.convs[0].bias.data
    torch.testing.assert_close(net.states(table)[1], conv(net.start, e).relu())


@pytest.mark.parametrize(
    ("edges", "kind", "words"),
    [
        (torch.tensor([[0, 8], [1, 0]]), ValueError, "nodes from 0 to 7; got 0 to 8"),
        (torch.tensor([[0, -1], [1, 0]]), ValueError, "nodes from 0 to 7; got -1 to 1"),
        (torch.tensor([[0, 1]]), ValueError, r"shape \(2, E\)"),
        (torch.tensor([[0.0], [1.0]]), TypeError, "whole numbers"),
        ([[0], [1]], TypeError, "whole numbers, torch.long; got list"),
        (torch.tensor([[False], [True]]), TypeError, "got torch.bool"),
    ],
)
def test_bad_edges_get_a_sentence(edges, kind, words):
    with pytest.raises(kind, match=words):
        graphs.GCNConv(3, 4)(torch.ones(8, 3), edges)


def test_other_bad_input_gets_a_sentence():
    e = torch.tensor([[0], [1]])
    with pytest.raises(ValueError, match=r"SAGEConv takes x of shape \(N, 3\); got \(8, 2\)"):
        graphs.SAGEConv(3, 4)(torch.ones(8, 2), e)
    with pytest.raises(TypeError, match="floating-point"):
        graphs.GATConv(3, 4)(torch.ones(8, 3, dtype=torch.long), e)
    with pytest.raises(ValueError, match="no cure named 'dropedge'"):
        DeepGCN(3, 2, 1, "dropedge")
    with pytest.raises(ValueError, match="no readout named 'max'"):
        MoleculeNet(3, 2, readout="max")
    for layer in (graphs.GCNConv, graphs.SAGEConv, graphs.GATConv):
        for sizes in ((0, 2), (3, -1), (3.0, 2)):
            with pytest.raises(ValueError, match="channels should be a whole number of at least 1"):
                layer(*sizes)
    with pytest.raises(ValueError, match="heads should be"):
        graphs.GATConv(3, 2, 0)
    for attr in (torch.ones(1, 2), torch.ones(3, 3), None):  # a single row was broadcast over all edges
        with pytest.raises(ValueError, match=r"edge_attr should have shape \(3, 2\)"):
            graphs.GINEConv(torch.nn.Identity(), 3, 2)(torch.ones(8, 3), torch.tensor([[0, 1, 2], [1, 2, 0]]), attr)
    with pytest.raises(ValueError, match="segment should have one number for each of the 5 rows"):
        graphs.segment_sum(torch.ones(5, 1), torch.tensor([0]), 1)
    with pytest.raises(ValueError, match="depth should be at least 0"):
        DeepGCN(3, 2, -1)
    with pytest.raises(ValueError, match=r"DeepGCN takes x of shape \(3, 3\)"):
        DeepGCN(3, 2, 1)(torch.eye(4))
    net = MoleculeNet(3, 2, 4).eval()
    with pytest.raises(ValueError, match="batch should be from 0 to 0; got 0 to 1"):
        net(torch.ones(2, 3), e, torch.ones(1, 2), torch.tensor([0, 1]), 1)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.int8, torch.int32])
def test_narrow_node_numbers_are_no_mask(name, dtype):
    x, e = graph()
    layer = getattr(graphs, name.split()[0])(*LAYERS[name]).double()
    assert torch.equal(layer(x, e.to(dtype)), layer(x, e))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_added_up_in_float32(dtype):
    many = torch.ones(70_000, 1, dtype=dtype), torch.zeros(70_000, dtype=torch.long)
    assert graphs.segment_mean(*many, 1).item() == 1  # was infinite in float16, 270 in bfloat16
    assert graphs.segment_sum(many[0][:3000], many[1][:3000], 1).item() == pytest.approx(3000, rel=0.01)
